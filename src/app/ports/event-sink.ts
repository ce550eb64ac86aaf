import type { EventData, EventLevel, EventName } from '../../domain/events.ts';

export interface EventSink {
  /** `level` defaults to the registry's. Never throws, never blocks. */
  emit<N extends EventName>(event: N, data: EventData[N], level?: EventLevel): void;
}

export interface Question {
  readonly text: string;
  /** What a "yes" will do, shown above the question. */
  readonly lines?: readonly string[];
}

/** Answers questions: on a terminal by asking, elsewhere by refusing. */
export interface Confirmer {
  /** Throws KMK_NOT_CONFIRMED off a terminal without --yes, KMK_DECLINED on "no". */
  confirm(question: Question): Promise<void>;
}
