import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../../../../src/cli/paint.ts';
import { createTerminalSink, progressBar, spinnerText } from '../../../../src/cli/sinks/terminal-sink.ts';

function sink(verbose = false): { readonly sink: ReturnType<typeof createTerminalSink>; readonly lines: string[] } {
  const lines: string[] = [];
  const settings = { write: (text: string) => void lines.push(text), paint: PLAIN, quiet: false, verbose };
  return { sink: createTerminalSink(settings, new PassThrough(), () => 0), lines };
}

describe('terminal sink', () => {
  it('keeps one line for each finished step, inner ones first', () => {
    const { sink: terminal, lines } = sink();
    terminal.emit('step.started', { id: 'a', kind: 'step', title: 'outer' });
    terminal.emit('step.started', { id: 'b', kind: 'step', title: 'inner' });
    terminal.emit('step.finished', { id: 'b', state: 'failed', durationMs: 10, detail: 'why' });
    terminal.emit('step.finished', { id: 'a', state: 'skipped', durationMs: 20 });
    terminal.close();
    expect(lines).toEqual(['✖ inner (failed, 10ms): why\n', '- outer (skipped, 20ms)\n']);
  });

  it('shows details with -v only, also steps that are details', () => {
    const details = (verbose: boolean): string[] => {
      const { sink: terminal, lines } = sink(verbose);
      terminal.emit('step.started', { id: 'a', kind: 'step', title: 'small' }, 'debug');
      terminal.emit('file.written', { path: 'x' });
      terminal.emit('step.finished', { id: 'a', state: 'done', durationMs: 1 }, 'debug');
      terminal.close();
      return lines;
    };
    expect(details(false)).toEqual([]);
    expect(details(true)).toEqual(['wrote x\n', '✔ small (done, 1ms)\n']);
  });
});

describe('spinner line', () => {
  it('has title, progress, bar and elapsed time', () => {
    const progress = { id: 'a', text: 'jars', done: 3, total: 12 };
    expect(spinnerText({ title: 'fetching', startedMs: 1000, progress }, 5100)).toBe(
      'fetching jars [#####---------------] 25% 3/12 (4.1s)',
    );
    expect(spinnerText({ title: 'waiting', startedMs: 0, progress: undefined }, 500)).toBe('waiting (500ms)');
    expect(spinnerText(undefined, 0)).toBe('');
  });

  it('never overflows the bar', () => {
    expect(progressBar(5, 4)).toBe('[####################] 100% 5/4');
    expect(progressBar(0, 0)).toBe('[####################] 100% 0/0');
    expect(progressBar(-1, 4)).toBe('[--------------------] 0% -1/4');
  });
});
