import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.ts';
import { sampleParts } from '../../helpers/sample-commands.ts';

const parts = sampleParts();

describe('questions on a terminal', () => {
  it('come after the plan; no is 10, softly', async () => {
    const run = await runCli(['group', 'wipe', '--no-color'], {
      parts,
      tty: true,
      answer: { to: /Wipe it\?/, with: 'n\n' },
    });
    expect(run).toMatchObject({ exitCode: 10, stdout: '' });
    expect(run.stderr).toMatch(/^1 thing goes\n/);
    expect(run.stderr).toMatch(/declined, nothing was changed\n$/);
    expect(run.stderr).not.toMatch(/\u001b\[\d+m/);
  });

  it('yes goes ahead', async () => {
    const run = await runCli(['group', 'wipe'], { parts, tty: true, answer: { to: /Wipe it\?/, with: 'y\n' } });
    expect(run).toMatchObject({ exitCode: 0, stdout: 'wiped\n' });
  });

  it('Ctrl-C in a question is 130', async () => {
    const run = await runCli(['group', 'wipe'], { parts, tty: true, answer: { to: /Wipe it\?/, with: '\u0003' } });
    expect(run).toMatchObject({ exitCode: 130, stdout: '' });
  });

  it('are not asked with --yes', async () => {
    expect(await runCli(['group', 'wipe', '-y'], { parts, tty: true })).toEqual({
      exitCode: 0,
      stdout: 'wiped\n',
      stderr: '',
    });
  });
});

describe('signals', () => {
  it.each([
    ['SIGINT', 130, 'interrupted'],
    ['SIGTERM', 143, 'terminated'],
  ])('%s aborts the work and exits %i', async (signal, exitCode, text) => {
    const signals = new EventEmitter();
    const running = runCli(['stream'], { parts, signals });
    await listening(signals, signal);
    signals.emit(signal);
    const run = await running;
    expect(run.exitCode).toBe(exitCode);
    expect(run.stderr).toMatch(new RegExp(`${text}\n$`));
    expect(signals.listenerCount(signal)).toBe(0);
  });

  it('are not needed where the command was given a time: it gives up with exit 8', async () => {
    const { exitCode, stderr } = await runCli(['stream', '--timeout', '20ms'], { parts, signals: new EventEmitter() });
    expect(exitCode).toBe(8);
    expect(stderr).toMatch(/^error: `kmk stream` took longer than 20ms\nhint: /);
  });

  it('a second Ctrl-C ends at once', async () => {
    const signals = new EventEmitter();
    const exits: number[] = [];
    const running = runCli(['stream'], { parts, signals, exit: (code) => exits.push(code) });
    await listening(signals, 'SIGINT');
    signals.emit('SIGINT');
    expect(exits).toEqual([]);
    signals.emit('SIGINT');
    expect(exits).toEqual([130]);
    await running;
  });
});

describe('a reader that goes away', () => {
  it('ends a streaming command without an error', async () => {
    expect(await runCli(['stream'], { parts, brokenPipe: true })).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('does not change the outcome of other commands', async () => {
    expect(await runCli(['group', 'wipe', '-y'], { parts, brokenPipe: true })).toMatchObject({
      exitCode: 0,
      stderr: '',
    });
    expect(await runCli(['--help'], { parts, brokenPipe: true })).toMatchObject({ exitCode: 0, stderr: '' });
  });
});

describe('progress', () => {
  it('is one line a step off a terminal, on stderr', async () => {
    const run = await runCli(['work'], { parts });
    expect(run.stderr).toBe(
      [
        'first step: done after 12.3s',
        'warning: something is odd',
        'hint: Look at `kmk status`.',
        'error: 3 of 5 records arrived\n',
      ].join('\n'),
    );
  });

  it('shows warnings only with -q and details with -v', async () => {
    expect((await runCli(['work', '-q'], { parts })).stderr).toMatch(/^warning: something is odd\n/);
    expect((await runCli(['work', '-v'], { parts })).stderr).toContain(
      'primary-1 is ready on 127.0.0.1:9092 after 1.5s\n',
    );
  });

  it('keeps finished steps on a terminal, coloured unless it must not be', async () => {
    const plain = await runCli(['work'], { parts, tty: true, env: { NO_COLOR: '1' } });
    expect(plain.stderr).toContain('✔ first step (done, 12.3s)\n');
    const coloured = await runCli(['work'], { parts, tty: true });
    expect(coloured.stderr).toContain('\u001b[32m✔\u001b[39m first step');
  });
});

/** Resolves when the run has installed its listeners. */
function listening(signals: EventEmitter, signal: string): Promise<void> {
  if (signals.listenerCount(signal) > 0) return Promise.resolve();
  return new Promise((resolve) => {
    signals.on('newListener', (event) => {
      if (event === signal) setImmediate(resolve);
    });
  });
}
