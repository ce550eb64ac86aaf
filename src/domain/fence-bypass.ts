/** What one producer wrote to one partition behind the fence. Offsets are decimal strings, times ISO 8601 UTC. */
export interface BypassedWrites {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: string;
  readonly lastOffset: string;
  readonly records: number;
  /** Times of these two records: of the client under CreateTime, of the broker under LogAppendTime. */
  readonly firstAt: string;
  readonly lastAt: string;
  /** Null for a producer without idempotence: its batches carry none. */
  readonly producerId: string | null;
  readonly producerEpoch: number | null;
  /** First offset of the transaction that it has open there, as its leader tells; null without one. */
  readonly transactionSince: string | null;
}

/** A record that should not be there. `producerId` -1 is a producer without idempotence. */
export interface BypassRecord {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** What the leader of the partition knows of a producer. */
export interface KnownProducer {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly openSince: bigint | null;
}

/** The records of one partition, in log order, by who wrote them: one entry a producer id and epoch. */
export function writesByProducer(
  { topic, partition }: { readonly topic: string; readonly partition: number },
  records: readonly BypassRecord[],
  known: readonly KnownProducer[],
): readonly BypassedWrites[] {
  const byProducer = new Map<string, BypassRecord[]>();
  for (const record of records) {
    const key = record.producerId < 0n ? 'none' : `${record.producerId}:${record.producerEpoch}`;
    const own = byProducer.get(key);
    if (own === undefined) byProducer.set(key, [record]);
    else own.push(record);
  }
  return [...byProducer.values()].flatMap((own) => {
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined) return [];
    const { producerId, producerEpoch } = first;
    const state = known.find((at) => at.producerId === producerId && at.producerEpoch === producerEpoch);
    return [
      {
        ...{ topic, partition, firstOffset: first.offset.toString(), lastOffset: last.offset.toString() },
        records: own.length,
        ...{ firstAt: isoTime(first.timestampMs), lastAt: isoTime(last.timestampMs) },
        producerId: producerId < 0n ? null : producerId.toString(),
        producerEpoch: producerId < 0n ? null : producerEpoch,
        transactionSince: state?.openSince?.toString() ?? null,
      },
    ];
  });
}

/** `orders-0 offsets 120 to 131 (12 records, 2026-... to 2026-...) by producer 4000, epoch 0`. */
export function bypassText(writes: BypassedWrites): string {
  const { topic, partition, firstOffset, lastOffset, records, firstAt, lastAt, transactionSince } = writes;
  const many = records === 1 ? `offset ${firstOffset} (${firstAt})` : null;
  const range = many ?? `offsets ${firstOffset} to ${lastOffset} (${records} records, ${firstAt} to ${lastAt})`;
  const open = transactionSince === null ? '' : `, in a transaction open since offset ${transactionSince}`;
  return `${topic}-${partition} ${range} by ${writerOf(writes)}${open}`;
}

function writerOf({ producerId, producerEpoch }: BypassedWrites): string {
  return producerId === null ? 'a producer without an id' : `producer ${producerId}, epoch ${producerEpoch ?? -1}`;
}

/** Timestamps come from clients: what no Date can hold is given as the number. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
