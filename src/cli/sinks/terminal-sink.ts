import type { Writable } from 'node:stream';
import type { Ora } from 'ora';
import type { EventData, EventLevel, EventName } from '../../domain/events.ts';
import { humanDuration } from '../human-duration.ts';
import { eventText } from '../event-text.ts';
import { isShown, type ProgressSink, type SinkSettings } from './sink.ts';

/** How often the elapsed time is brought up to date. */
const REPAINT_MS = 200;
const BAR_WIDTH = 20;

interface ActiveStep {
  readonly title: string;
  readonly startedMs: number;
  progress: EventData['step.progress'] | undefined;
}

/**
 * A spinner with the innermost running step and its elapsed time, a bar where the total is known, and one line that
 * stays for each finished step. ora is loaded with the first step.
 */
export function createTerminalSink(
  settings: SinkSettings,
  stream: Writable,
  nowMs: () => number = () => performance.now(),
): ProgressSink {
  const steps = new Map<string, ActiveStep>();
  const spinner = createSpinner(stream, () => spinnerText([...steps.values()].at(-1), nowMs()));

  function finishStep(data: EventData['step.finished']): void {
    const title = steps.get(data.id)?.title ?? data.id;
    steps.delete(data.id);
    spinner.line(
      `${stateMark(data.state, settings)} ${title} ${settings.paint.faint(finishText(data))}\n`,
      settings.write,
    );
    if (steps.size === 0) spinner.stop();
  }

  return {
    emit<N extends EventName>(event: N, data: EventData[N], level?: EventLevel) {
      const shown = isShown(event, level, settings);
      if (event === 'step.started') {
        if (!shown) return;
        const { id, title } = data as EventData['step.started'];
        steps.set(id, { title, startedMs: nowMs(), progress: undefined });
        spinner.start();
      } else if (event === 'step.progress') {
        const progress = data as EventData['step.progress'];
        const step = steps.get(progress.id);
        if (step !== undefined) step.progress = progress;
      } else if (event === 'step.finished') {
        const finished = data as EventData['step.finished'];
        if (shown || steps.has(finished.id)) finishStep(finished);
      } else if (shown) {
        const text = eventText(event, data);
        const label = event === 'warning' ? `${settings.paint.warn('warning:')} ` : '';
        if (text !== null) spinner.line(`${label}${text}\n`, settings.write);
      }
    },
    pause: () => spinner.stop(),
    resume: () => (steps.size > 0 ? spinner.start() : undefined),
    close: () => {
      steps.clear();
      spinner.stop();
    },
  };
}

/** What is running now: `fetching jars [#####---------------] 25% 3/12 (4.1s)`. */
export function spinnerText(step: ActiveStep | undefined, nowMs: number): string {
  if (step === undefined) return '';
  const { progress } = step;
  const parts = [step.title];
  if (progress !== undefined) {
    parts.push(progress.text);
    if (progress.total !== undefined) parts.push(progressBar(progress.done ?? 0, progress.total));
  }
  return `${parts.join(' ')} (${humanDuration(nowMs - step.startedMs)})`;
}

export function progressBar(done: number, total: number): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
  const filled = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR_WIDTH - filled)}] ${Math.floor(share * 100)}% ${done}/${total}`;
}

function finishText(data: EventData['step.finished']): string {
  const detail = data.detail === undefined ? '' : `: ${data.detail}`;
  return `(${data.state}, ${humanDuration(data.durationMs)})${detail}`;
}

function stateMark(state: EventData['step.finished']['state'], { paint }: SinkSettings): string {
  switch (state) {
    case 'done':
      return paint.good('✔');
    case 'failed':
      return paint.bad('✖');
    case 'skipped':
      return paint.faint('-');
    case 'aborted':
      return paint.warn('!');
  }
}

interface Spinner {
  start(): void;
  stop(): void;
  /** Writes a line above the spinner. */
  line(text: string, write: (text: string) => void): void;
}

/** ora, loaded at the first start; until it is there lines are written as they are. */
function createSpinner(stream: Writable, text: () => string): Spinner {
  let wanted = false;
  let ora: Ora | undefined;
  let timer: NodeJS.Timeout | undefined;
  let loading: Promise<void> | undefined;

  function show(): void {
    if (!wanted || ora === undefined || ora.isSpinning) return;
    ora.start(text());
    timer ??= setInterval(() => ora !== undefined && (ora.text = text()), REPAINT_MS).unref();
  }

  return {
    start() {
      wanted = true;
      if (ora !== undefined) ora.text = text();
      loading ??= import('ora').then(({ default: createOra }) => {
        // discardStdin would take over Ctrl-C.
        ora = createOra({ stream, discardStdin: false });
        show();
      });
      show();
    },
    stop() {
      wanted = false;
      clearInterval(timer);
      timer = undefined;
      ora?.stop();
    },
    line(line, write) {
      if (ora?.isSpinning !== true) {
        write(line);
        return;
      }
      ora.clear();
      write(line);
      ora.text = text();
      ora.render();
    },
  };
}
