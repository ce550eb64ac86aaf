import { EVENT_LEVELS } from '../../domain/events.ts';
import type { AnyEvent, EventName } from '../../domain/events.ts';
import { asFields, text } from './fields.ts';
import type { Fields } from './fields.ts';

/** One event, placed on the run's own time axis. */
export interface Entry {
  readonly event: string;
  readonly atMs: number;
  readonly data: Fields;
}

/** A journal on a time axis. */
export interface Journal {
  readonly runId: string;
  /** Epoch milliseconds of the first event with a readable time; null for an empty journal. */
  readonly startMs: number | null;
  readonly lastAtMs: number;
  readonly entries: readonly Entry[];
  /** The entries with one of these names, in their order. */
  named(...names: readonly EventName[]): readonly Entry[];
}

/**
 * Places every event on the time axis. Time never runs backwards here: an unreadable time, or one before its
 * predecessor (the machine's clock was set), counts as the predecessor's.
 */
export function readJournal(events: readonly AnyEvent[]): Journal {
  const raw = (events as readonly unknown[]).map(asFields);
  const times = raw.map((event) => Date.parse(text(event, 'at', '')));
  const startMs = times.find((time) => Number.isFinite(time)) ?? null;
  let lastAtMs = 0;
  const entries = raw.map((event, index): Entry => {
    const time = times[index] ?? Number.NaN;
    if (startMs !== null && time - startMs > lastAtMs) lastAtMs = time - startMs;
    return { event: text(event, 'event'), atMs: lastAtMs, data: asFields(event['data']) };
  });
  return {
    runId: raw.map((event) => text(event, 'runId', '')).find((id) => id !== '') ?? 'unknown',
    startMs,
    lastAtMs,
    entries,
    named: (...names) => entries.filter((entry) => (names as readonly string[]).includes(entry.event)),
  };
}

/** How often each event occurred that the registry of this version does not have. */
export function unknownEvents(journal: Journal): readonly { readonly event: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { event } of journal.entries) {
    if (!Object.hasOwn(EVENT_LEVELS, event)) counts.set(event, (counts.get(event) ?? 0) + 1);
  }
  return [...counts].map(([event, count]) => ({ event, count }));
}
