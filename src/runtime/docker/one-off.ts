import type Docker from 'dockerode';
import type { ToolOptions, ToolResult } from '../../app/ports/service-runtime.ts';
import type { ComposeFile } from './compose-file.ts';
import { LogLines } from './container-logs.ts';
import { networkName } from './container-options.ts';
import type { Owner } from './labels.ts';
import { containerLabels } from './labels.ts';

export interface OneOff {
  readonly compose: ComposeFile;
  readonly owner: Owner;
  readonly command: readonly string[];
}

/** Runs a command in a container of its own on the lab's networks, from the image of its brokers, and removes it. */
export async function runOneOff(docker: Docker, of: OneOff, options: ToolOptions): Promise<ToolResult> {
  const { compose, owner, command } = of;
  const [service = '', broker] =
    Object.entries(compose.services).find(([, { labels }]) => labels['kmk.role'] === 'broker') ?? [];
  const networks = Object.keys(compose.networks).map((network) => networkName(owner.project, network));
  const create = {
    Image: broker?.image ?? '',
    Cmd: [...command],
    Labels: containerLabels(owner, { service, hash: '', file: compose.path, oneOff: true }),
    HostConfig: { NetworkMode: networks[0] ?? 'none', RestartPolicy: { Name: 'no' } },
  };
  return runToEnd(docker, create, options, async ({ id }) => {
    for (const network of networks.slice(1)) await docker.getNetwork(network).connect({ Container: id });
  });
}

/** Runs a container to its end, with what it says, and removes it. */
export async function runToEnd(
  docker: Docker,
  create: Docker.ContainerCreateOptions,
  options: ToolOptions,
  beforeStart: (container: Docker.Container) => Promise<void> = () => Promise.resolve(),
): Promise<ToolResult> {
  options.signal.throwIfAborted();
  const container = await docker.createContainer(create);
  try {
    await beforeStart(container);
    const output = { stdout: [] as string[], stderr: [] as string[] };
    const reader = new LogLines((line, stream) => {
      output[stream].push(line);
      if (stream === 'stdout') options.onLine?.(line);
    });
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    stream.on('data', (chunk: Buffer) => reader.add(chunk));
    const ended = new Promise<void>((resolve) => {
      stream.once('end', resolve);
      stream.once('close', resolve);
    });
    await container.start();
    const { StatusCode } = (await container.wait({ abortSignal: options.signal })) as { readonly StatusCode: number };
    await ended;
    reader.end();
    return { exitCode: StatusCode, stdout: output.stdout.join('\n'), stderr: output.stderr.join('\n') };
  } finally {
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}
