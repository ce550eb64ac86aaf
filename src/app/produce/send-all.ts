import { KmkError } from '../../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { OutgoingRecord, RecordProducer } from '../ports/record-client.ts';
import type { RecordSource } from './record-source.ts';
import type { Tally } from './tally.ts';

/** Bytes of one send, and sends under way at once: what keeps a broker busy without holding much in memory. */
const SEND_BYTES = 256 * 1024;
const MOST_RECORDS = 2000;
const IN_FLIGHT = 12;
/** How often a paced producer looks whether a record is due. */
const PACE_MS = 20;
/** After Ctrl-C: how long records that are under way may still be acknowledged. */
const FAREWELL_MS = 3000;

export interface SendRequest {
  readonly producer: RecordProducer;
  readonly topic: string;
  readonly source: RecordSource;
  /** null: until the source or the time ends. */
  readonly messages: number | null;
  readonly durationMs: number | null;
  /** Records per second; null: as fast as they are taken. */
  readonly rate: number | null;
  /** Expected bytes of a record, to size a send by. */
  readonly recordBytes: number;
  readonly onProgress: () => void;
}

/**
 * Sends everything with several sends under way; stops at the first failure, at the end of the time or when the signal
 * aborts. What was sent by then is awaited. Gives the number of records handed over; never throws for a failed send.
 */
export async function sendAll(clock: Clock, request: SendRequest, tally: Tally, signal: AbortSignal): Promise<number> {
  const startedAt = clock.now();
  const deadline = request.durationMs === null ? Infinity : startedAt + request.durationMs;
  const most = Math.max(1, Math.min(MOST_RECORDS, Math.floor(SEND_BYTES / request.recordBytes)));
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  const goesOn = (): boolean =>
    !signal.aborted && tally.failure === null && sent < (request.messages ?? Infinity) && clock.now() < deadline;
  while (goesOn()) {
    const due = dueNow(request.rate, clock.now() - startedAt) - sent;
    const count = Math.min(most, (request.messages ?? Infinity) - sent, due);
    if (count < 1) {
      await pause(clock, Math.min(PACE_MS, deadline - clock.now()), signal);
      continue;
    }
    // A source may wait for a person who types.
    const records = await orAbort(request.source.take(count), signal, []);
    if (records.length === 0) break;
    const call = send(request, records, sent + 1, tally).finally(() => underWay.delete(call));
    underWay.add(call);
    sent += records.length;
    if (underWay.size >= IN_FLIGHT) await orAbort(Promise.race(underWay), signal, undefined);
  }
  const all = Promise.all(underWay).then(() => undefined);
  await orAbort(all, signal, undefined);
  if (signal.aborted) await Promise.race([all, clock.sleep(FAREWELL_MS)]);
  return sent;
}

/** The work's outcome, or the fallback as soon as the signal aborts; leaves no listener behind. */
function orAbort<T>(work: Promise<T>, signal: AbortSignal, fallback: T): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(fallback);
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    if (signal.aborted) onAbort();
  });
}

/** Records that a rate allows up to now: the first at once, then one each 1/rate seconds. */
export function dueNow(rate: number | null, elapsedMs: number): number {
  return rate === null ? Infinity : Math.floor((elapsedMs / 1000) * rate) + 1;
}

async function send(
  { producer, topic, onProgress }: SendRequest,
  records: readonly OutgoingRecord[],
  first: number,
  tally: Tally,
): Promise<void> {
  const span = { first, last: first + records.length - 1 };
  tally.begin(span);
  try {
    tally.acknowledge(span, await producer.send(topic, records), bytesOf(records));
    onProgress();
  } catch (error) {
    if (!KmkError.is(error)) throw error;
    tally.fail(error);
  }
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(Math.max(1, ms), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function bytesOf(records: readonly OutgoingRecord[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}
