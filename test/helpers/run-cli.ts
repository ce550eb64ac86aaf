import type { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { runMain, type MainParts } from '../../src/cli/main.ts';
import type { CliIo, TerminalOut } from '../../src/cli/streams.ts';

/** What one run of the command line left behind. */
export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSettings {
  readonly parts?: MainParts;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Streams say that they are terminals. */
  readonly tty?: boolean;
  /** Typed on stdin as soon as something on stderr matches. */
  readonly answer?: { readonly to: RegExp; readonly with: string };
  readonly signals?: EventEmitter;
  readonly exit?: (code: number) => void;
  /** stdout fails like a pipe whose reader has gone. */
  readonly brokenPipe?: boolean;
}

/** Runs the command line in this process against captured streams. */
export async function runCli(argv: readonly string[], settings: CliSettings = {}): Promise<CliRun> {
  const tty = settings.tty ?? false;
  const stdin = Object.assign(new PassThrough(), { isTTY: tty });
  const stdout = captured(tty, settings.brokenPipe ?? false);
  let { answer } = settings;
  const stderr = captured(tty, false, (text) => {
    if (answer?.to.test(text) !== true) return;
    const typed = answer.with;
    answer = undefined;
    // After the prompt has finished painting, as a person would.
    setImmediate(() => stdin.write(typed));
  });
  stdout.stream.on('error', () => undefined);
  const io: CliIo = {
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: settings.env ?? {},
    cwd: settings.cwd ?? process.cwd(),
    ...(settings.signals === undefined ? {} : { signals: settings.signals }),
    ...(settings.exit === undefined ? {} : { exit: settings.exit }),
  };
  const exitCode = await runMain(argv, io, settings.parts);
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function captured(
  isTTY: boolean,
  broken: boolean,
  onWrite: (text: string) => void = () => undefined,
): { readonly stream: TerminalOut; readonly text: () => string } {
  const chunks: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      if (broken) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
        return;
      }
      const text = chunk.toString();
      chunks.push(text);
      onWrite(text);
      done();
    },
  });
  // Prompts end the stream they write to, which does nothing to a real stderr.
  const end = (): Writable => stream;
  return { stream: Object.assign(stream, { isTTY, columns: 80, end }), text: () => chunks.join('') };
}
