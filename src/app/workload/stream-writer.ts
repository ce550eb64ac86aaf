import { KmkError } from '../../domain/errors.ts';
import type { PartitionLedger, StreamLedger } from '../../domain/ledger.ts';
import { stampHeaders, valueHash } from '../../domain/ledger-record.ts';
import type { OutgoingRecord, RecordProducer } from '../ports/record-client.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { LedgerLog } from './ledger-log.ts';
import type { Site } from './site.ts';

const TICK_MS = 20;
/** A client that was held up does not catch up on more than this. */
const BACKLOG_MS = 1000;
const MOST_RECORDS = 5000;
/** Below a broker's batch limit, so that a batch is stored whole or not at all. */
const MOST_BYTES = 500_000;
const RETRY_PAUSE_MS = 100;

export interface StreamPlan {
  readonly ledger: StreamLedger;
  /** Records per second over all partitions. */
  readonly rate: number;
  readonly size: number;
}

export interface WriterTools {
  readonly tools: Pick<Toolbox, 'clock' | 'producer'>;
  readonly log: LedgerLog;
  /** Names the drill in each record. */
  readonly runId: string;
  readonly values: (stream: string, partition: number, seq: number, size: number) => Uint8Array;
}

interface Connection {
  readonly site: Site;
  readonly producer: Promise<RecordProducer>;
}

/**
 * Writes one stream, one writer a partition, one batch in flight each. A batch that the fence refuses is written again
 * with the same numbers, wherever the stream stands by then; one whose fate is unknown gives its numbers up, so that a
 * number is never stored by two attempts.
 */
export class StreamWriter {
  readonly plan: StreamPlan;
  readonly #with: WriterTools;
  #connection: Connection;
  #paused = true;
  #busy = 0;

  constructor(plan: StreamPlan, site: Site, tools: WriterTools) {
    this.plan = plan;
    this.#with = tools;
    this.#connection = this.#connect(site);
  }

  /** True while a batch waits for its acknowledgement. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  get site(): Site {
    return this.#connection.site;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** Goes on at another cluster; what is in flight at the old one is given up. */
  moveTo(site: Site): void {
    const old = this.#connection;
    this.#connection = this.#connect(site);
    void close(old);
  }

  /** Writes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { partitions } = this.plan.ledger;
    await Promise.all(partitions.map((ledger, partition) => this.#writePartition(ledger, partition, signal)));
    await close(this.#connection);
  }

  #connect(site: Site): Connection {
    const producer = this.#with.tools.producer(site.cluster);
    producer.catch(() => undefined);
    return { site, producer };
  }

  async #writePartition(ledger: PartitionLedger, partition: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#with.tools;
    const { rate, size } = this.plan;
    const perMs = rate / this.plan.ledger.partitions.length / 1000;
    const mostAtOnce = Math.max(1, Math.min(MOST_RECORDS, Math.floor(MOST_BYTES / size)));
    let [credit, last] = [0, clock.now()];
    while (await ticked(clock.sleep(TICK_MS, signal))) {
      const now = clock.now();
      credit = this.#paused ? 0 : Math.min(credit + (now - last) * perMs, Math.max(1, BACKLOG_MS * perMs));
      last = now;
      const count = Math.min(Math.floor(credit), mostAtOnce);
      if (count === 0) continue;
      credit -= count;
      this.#busy += 1;
      await this.#deliver(ledger, partition, { first: ledger.give(count), count }, signal);
      this.#busy -= 1;
    }
  }

  async #deliver(
    ledger: PartitionLedger,
    partition: number,
    { first, count }: { readonly first: number; readonly count: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { log, tools } = this.#with;
    const { id, topic } = this.plan.ledger;
    for (;;) {
      const { site, producer } = this.#connection;
      try {
        await (await producer).send(topic, this.#records(partition, first, count, site), signal);
        const now = tools.clock.now();
        site.firstAckAt ??= now;
        ledger.acknowledge(site.cluster.alias, first, count, now);
        log.add('acknowledged', [id, partition, site.cluster.alias, site.epoch, first, count]);
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.add('unacknowledged', [id, partition, site.cluster.alias, first, count, reason]);
        const refused = KmkError.is(error) && error.code === 'KMK_WRITE_REFUSED';
        if (!refused || !(await ticked(tools.clock.sleep(RETRY_PAUSE_MS, signal)))) return;
      }
    }
  }

  #records(partition: number, first: number, count: number, site: Site): readonly OutgoingRecord[] {
    const { runId, values } = this.#with;
    const { ledger, size } = this.plan;
    return Array.from({ length: count }, (_, index) => {
      const seq = first + index;
      const value = values(ledger.id, partition, seq, size);
      const { alias } = site.cluster;
      const stamp = {
        ...{ run: runId, stream: ledger.id, partition, seq, site: alias },
        epoch: site.epoch,
        hash: valueHash(value),
      };
      return { key: `${ledger.id}-${partition}-${seq}`, value, partition, headers: stampHeaders(stamp) };
    });
  }
}

async function close({ producer }: Connection): Promise<void> {
  try {
    await (await producer)[Symbol.asyncDispose]();
  } catch {
    // One that never opened has nothing to close.
  }
}

/** False when the sleep was cut short by an abort. */
async function ticked(sleep: Promise<void>): Promise<boolean> {
  return sleep.then(
    () => true,
    () => false,
  );
}
