import type { EventData, EventLevel, EventName } from '../../domain/events.ts';
import { eventText } from '../event-text.ts';
import { isShown, type ProgressSink, type SinkSettings } from './sink.ts';

/** For pipes and CI: one line per finished step, warnings as they come, everything with -v. */
export function createPlainSink(settings: SinkSettings): ProgressSink {
  const titles = new Map<string, string>();
  return {
    emit<N extends EventName>(event: N, data: EventData[N], level?: EventLevel) {
      if (event === 'step.started') remember(titles, data as EventData['step.started']);
      if (!isShown(event, level, settings)) return;
      const line = plainLine(event, data, titles, settings);
      if (line !== null) settings.write(`${line}\n`);
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  };
}

function remember(titles: Map<string, string>, step: EventData['step.started']): void {
  titles.set(step.id, step.title);
}

function plainLine<N extends EventName>(
  event: N,
  data: EventData[N],
  titles: ReadonlyMap<string, string>,
  settings: SinkSettings,
): string | null {
  const text = eventText(event, data);
  switch (event) {
    case 'step.started':
    case 'step.progress':
      return settings.verbose ? text : null;
    case 'step.finished': {
      const { id } = data as EventData['step.finished'];
      return `${titles.get(id) ?? id}: ${text ?? ''}`;
    }
    case 'warning':
      return text === null ? null : `${settings.paint.warn('warning:')} ${text}`;
    default:
      return text;
  }
}
