import type Docker from 'dockerode';
import { KmkError } from '../../domain/errors.ts';
import type { Images } from '../../domain/lab/images.ts';
import type { Engine } from './engine.ts';
import { oneLine, statusOf } from './failures.ts';

export type Progress = (text: string, done?: number, total?: number) => void;

/** What the engine reports of a pull: one line for each change of a layer. */
interface PullEvent {
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

export async function hasImage(engine: Engine, image: string): Promise<boolean> {
  try {
    await engine.ask((docker) => docker.getImage(image).inspect());
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** Pulls the image unless the engine has it. Throws KMK_IMAGE_MISSING with the ways out. */
export async function ensureImage(
  engine: Engine,
  image: string,
  key: keyof Images | 'network',
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (await hasImage(engine, image)) return;
  signal.throwIfAborted();
  progress(`pulling "${image}"`);
  try {
    await engine.ask((docker) => pull(docker, image, progress, signal));
  } catch (error) {
    signal.throwIfAborted();
    if (KmkError.is(error) && error.kind === 'environment') throw error;
    throw imageMissing(image, key, error);
  }
}

/** `pull` resolves when its stream begins; the stream's end, and an error in it, are the outcome. */
async function pull(docker: Docker, image: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const stream = await docker.pull(image, { abortSignal: signal });
  const layers = new Map<string, { done: number; total: number }>();
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error) => (error === null || (error as unknown) === undefined ? resolve() : reject(error)),
      (event: PullEvent) => {
        const { id = '', status = '', progressDetail } = event;
        const { current = 0, total = 0 } = progressDetail ?? {};
        // The same bytes are counted once: while they come, not again while they are unpacked.
        if (status === 'Downloading' && total > 0) layers.set(id, { done: current, total });
        else if (status === 'Download complete' || status === 'Pull complete') complete(layers, id);
        else if (id === '' || total > 0) return;
        const sum = (of: 'done' | 'total'): number => [...layers.values()].reduce((n, layer) => n + layer[of], 0);
        progress(`pulling "${image}", layer ${id}: ${status.toLowerCase()}`, sum('done'), sum('total'));
      },
    );
  });
}

function complete(layers: Map<string, { done: number; total: number }>, id: string): void {
  const layer = layers.get(id);
  if (layer !== undefined) layer.done = layer.total;
}

function imageMissing(image: string, key: keyof Images | 'network', cause: unknown): KmkError {
  const words = cause instanceof Error ? oneLine(cause.message).replace(/^docker: /, '') : '';
  return new KmkError('KMK_IMAGE_MISSING', `image "${image}" is not on the engine and could not be pulled: ${words}`, {
    hints: [
      `Pull it yourself with \`docker pull ${image}\`, or load it with \`docker load -i FILE\`.`,
      `Name a mirror, another tag or a digest as \`images.${key}\` in kmk.yaml.`,
      ...(key !== 'ui' ? ['Run `kmk deploy --runtime local` to do without images.'] : []),
    ],
    context: { image },
    cause,
  });
}
