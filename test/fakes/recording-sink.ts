import type { EventSink } from '../../src/app/ports/event-sink.ts';
import type { EventData, EventName } from '../../src/domain/events.ts';

/** Keeps what was emitted, in order. */
export class RecordingSink implements EventSink {
  readonly emitted: { readonly event: EventName; readonly data: unknown }[] = [];

  emit<N extends EventName>(event: N, data: EventData[N]): void {
    this.emitted.push({ event, data });
  }

  /** Payloads of the events of one name. */
  of<N extends EventName>(name: N): readonly EventData[N][] {
    return this.emitted.filter(({ event }) => event === name).map(({ data }) => data as EventData[N]);
  }
}
