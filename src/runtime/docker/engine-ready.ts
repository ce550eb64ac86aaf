import { KmkError } from '../../domain/errors.ts';
import { Engine } from './engine.ts';
import { hasImage } from './images.ts';

/** True when an engine of this machine answers within the limit and has all the images. */
export async function dockerReady(
  env: NodeJS.ProcessEnv,
  images: readonly string[],
  limitMs: number,
): Promise<boolean> {
  const engine = new Engine(env);
  try {
    await engine.ping(limitMs);
    return (await Promise.all(images.map((image) => hasImage(engine, image)))).every((there) => there);
  } catch (error) {
    if (KmkError.is(error)) return false;
    throw error;
  }
}
