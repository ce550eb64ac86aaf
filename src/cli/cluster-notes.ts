import type { EventSink } from '../app/ports/event-sink.ts';

/** Warns of clusters that a listing could not read: what is missing there is not known. */
export function warnUnreachable(
  clusters: readonly { readonly alias: string; readonly error: string | null }[],
  events: EventSink,
): void {
  for (const { alias, error } of clusters) {
    if (error !== null) events.emit('warning', { text: `cluster "${alias}" could not be read: ${error}` });
  }
}
