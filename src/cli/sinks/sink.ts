import type { EventSink } from '../../app/ports/event-sink.ts';
import { EVENT_LEVELS, type EventLevel, type EventName } from '../../domain/events.ts';
import type { Paint } from '../paint.ts';

/** A sink that shows events to people. */
export interface ProgressSink extends EventSink {
  /** Takes what moves off the screen, so that a question can be asked. */
  pause(): void;
  resume(): void;
  /** Stops repainting and releases its timer. */
  close(): void;
}

export interface SinkSettings {
  /** Writes to stderr. */
  readonly write: (text: string) => void;
  readonly paint: Paint;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const RANK: Readonly<Record<EventLevel, number>> = { error: 0, warn: 1, result: 2, info: 3, debug: 4 };

/** Whether an event is shown: -q leaves warnings and errors, -v adds details. */
export function isShown(event: EventName, level: EventLevel | undefined, settings: SinkSettings): boolean {
  const rank = RANK[level ?? EVENT_LEVELS[event]];
  if (settings.verbose && !settings.quiet) return true;
  return rank <= (settings.quiet ? RANK.warn : RANK.info);
}
