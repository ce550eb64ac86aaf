import type { KafkaAdmin } from '../ports/kafka-admin.ts';

/** What is made of a topic's records, read in portions and in order. */
export interface Folding<S, R> {
  /** Of no records. */
  readonly begin: S;
  /** What is known with these records behind it; must not change what was known. */
  readonly fold: (known: S, records: readonly R[]) => S;
  /** Reads the records from an offset on; `next` is where to read on. */
  readonly read: (from: bigint) => Promise<{ readonly records: readonly R[]; readonly next: bigint }>;
}

interface Folded<S> {
  /** Null where there is no topic, or a broker without ids: then nothing is kept. */
  readonly topicId: string | null;
  readonly next: bigint;
  readonly known: S;
}

/**
 * By connection and topic, with the one kind of folding that each of MM2's topics has. A move reads them before its fence
 * and again behind it, where clients wait: a history that took seconds to read must not be read twice.
 */
const FOLDED = new WeakMap<KafkaAdmin, Map<string, Promise<Folded<unknown> | null>>>();

/**
 * What the topic's records come to; what this connection has read before is not read again. Compaction only takes away what
 * was superseded, and what was written stays true. A topic that was deleted and created anew (another id), or cut off
 * before what was read, is read from its beginning.
 */
export async function foldedLog<S, R>(
  admin: KafkaAdmin,
  topic: string,
  folding: Folding<S, R>,
  signal: AbortSignal,
): Promise<S> {
  const logs = FOLDED.get(admin) ?? new Map<string, Promise<Folded<unknown> | null>>();
  FOLDED.set(admin, logs);
  const before = (logs.get(topic) ?? Promise.resolve(null)) as Promise<Folded<S> | null>;
  const now = before.then((kept) => readOn(admin, topic, { kept, ...folding }, signal));
  // Who comes next goes on from what is known, whatever has become of this one.
  logs.set(
    topic,
    now.then(
      (found) => (found.topicId === null ? null : found),
      () => before,
    ),
  );
  return (await now).known;
}

async function readOn<S, R>(
  admin: KafkaAdmin,
  topic: string,
  { kept, begin, fold, read }: Folding<S, R> & { readonly kept: Folded<S> | null },
  signal: AbortSignal,
): Promise<Folded<S>> {
  const idNow = async (): Promise<string | null> => (await admin.topicIds([topic], signal)).get(topic) ?? null;
  for (let last = kept; ; last = null) {
    const topicId = await idNow();
    const from = last !== null && last.topicId === topicId ? last : { topicId, next: 0n, known: begin };
    const { records, next } = await read(from.next);
    // What was read may be of two logs.
    if ((await idNow()) !== topicId || next < from.next) continue;
    return { topicId, next, known: records.length === 0 ? from.known : fold(from.known, records) };
  }
}
