import type { Readable, Writable } from 'node:stream';

/** A stream that may be a terminal. */
export type TerminalOut = Writable & { readonly isTTY?: boolean; readonly columns?: number };
export type TerminalIn = Readable & { readonly isTTY?: boolean };

/** Where process signals come from: `process`, or an emitter in tests. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

/** Everything of the outside world that the command line touches. */
export interface CliIo {
  readonly stdin: TerminalIn;
  readonly stdout: TerminalOut;
  readonly stderr: TerminalOut;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signals?: SignalSource;
  /** Ends the process at once; for the second Ctrl-C. */
  readonly exit?: (code: number) => void;
}

/** True when a person can be asked: questions go to stderr and answers come from stdin. */
export function isInteractive(io: CliIo): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** Text output that survives a reader that goes away (`kmk ... | head`). */
export interface TextOut {
  /** Resolves when the stream takes more; at once after the reader has gone. */
  write(text: string): Promise<void>;
  /** Aborts when the reader has gone. */
  readonly closed: AbortSignal;
  /** Stops listening to the stream. */
  release(): void;
}

/** Wraps a stream: a broken pipe is no error, everything else is thrown by the next `write`. */
export function createTextOut(stream: Writable): TextOut {
  const closed = new AbortController();
  let failure: Error | undefined;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') failure = error;
    closed.abort();
  };
  stream.on('error', onError);
  return {
    closed: closed.signal,
    release: () => stream.off('error', onError),
    async write(text) {
      if (closed.signal.aborted) {
        if (failure !== undefined) throw failure;
        return;
      }
      if (!stream.write(text)) await drained(stream, closed.signal);
    },
  };
}

function drained(stream: Writable, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      closed.removeEventListener('abort', done);
      resolve();
    };
    stream.on('drain', done);
    closed.addEventListener('abort', done);
    if (closed.aborted) done();
  });
}

/** Resolves when everything written so far has left the process, or can not any more. */
export function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else stream.write('', () => resolve());
  });
}
