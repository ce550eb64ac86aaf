import { Readable, Writable } from 'node:stream';
import type Docker from 'dockerode';
import type { ExecIo } from '../../app/ports/service-runtime.ts';

/** Kafka's jars in apache/kafka. */
const CLASSPATH = '/opt/kafka/libs/*';

/** Runs a command in a running container. The engine knows no way to end it: an abort leaves it to itself. */
export async function execIn(docker: Docker, id: string, command: readonly string[], io: ExecIo): Promise<number> {
  const { environment, input, onOutput, signal } = io;
  const exec = await docker.getContainer(id).exec({
    Cmd: [...command],
    AttachStdin: input !== null,
    AttachStdout: true,
    AttachStderr: true,
    Env: Object.entries({ CLASSPATH, ...environment }).map(([name, value]) => `${name}=${value}`),
  });
  const stream = await exec.start({ hijack: true, stdin: input !== null });
  const sink = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write(chunk: Uint8Array, _, done) {
        onOutput(name, chunk);
        done();
      },
    });
  docker.modem.demuxStream(stream, sink('stdout'), sink('stderr'));
  if (input !== null) Readable.from(input).pipe(stream);
  const abort = (): void => void stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  await new Promise<void>((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('close', resolve);
    // A command that ends before it has read everything closes the stream.
    stream.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? resolve() : reject(error)));
  });
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
  return (await exec.inspect()).ExitCode ?? 1;
}
