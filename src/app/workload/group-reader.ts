import type { StreamLedger } from '../../domain/ledger.ts';
import { readStamp } from '../../domain/ledger-record.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { StoredRecord } from '../ports/stored-record.ts';
import type { RecordConsumer } from '../ports/record-client.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { LedgerLog } from './ledger-log.ts';
import type { Site } from './site.ts';

const REJOIN_PAUSE_MS = 200;

export interface GroupPlan {
  readonly name: string;
  readonly commitIntervalMs: number;
}

export interface ReaderTools {
  readonly tools: Pick<Toolbox, 'clock' | 'consumer'>;
  readonly log: LedgerLog;
  readonly runId: string;
  readonly streams: ReadonlyMap<string, StreamLedger>;
  /** Names, on that cluster, of the topics that hold what the group reads. */
  readonly topicsOn: (alias: string, signal: AbortSignal) => Promise<readonly string[]>;
}

interface Membership {
  readonly site: Site;
  readonly over: AbortController;
  consumer: RecordConsumer | null;
  ended: Promise<void>;
}

/** A run of records in a row, written to the log as one line. */
interface Streak {
  readonly fields: readonly (string | number | bigint)[];
  readonly log: string;
  readonly stream: string;
  readonly partition: number;
  next: number;
  nextOffset: bigint;
  readonly first: number;
}

/** One consumer of a group that notes every record it processed, wherever it stands. */
export class GroupReader {
  readonly plan: GroupPlan;
  readonly #with: ReaderTools;
  /** Next offset to process per log of the present cluster. */
  readonly #positions = new Map<string, bigint>();
  #member: Membership | null = null;
  #streak: Streak | null = null;

  constructor(plan: GroupPlan, tools: ReaderTools) {
    this.plan = plan;
    this.#with = tools;
    tools.log.beforeFlush(() => {
      this.#closeStreak();
    });
  }

  get site(): Site | null {
    return this.#member?.site ?? null;
  }

  /** The next offset it will process in a log of the present cluster; null before its first record there. */
  position(topic: string, partition: number): bigint | null {
    return this.#positions.get(partitionKey({ topic, partition })) ?? null;
  }

  /** Joins the group at a cluster; the membership at another one is given up without a commit, as a crash would. */
  joinAt(site: Site): void {
    const old = this.#member;
    old?.consumer?.abandon();
    old?.over.abort();
    this.#positions.clear();
    const member: Membership = { site, over: new AbortController(), consumer: null, ended: Promise.resolve() };
    this.#member = member;
    member.ended = this.#consume(member);
  }

  /** Commits what was processed and leaves the group. */
  async leave(): Promise<void> {
    const member = this.#member;
    member?.over.abort();
    // It may process and commit up to its end: what it does until then counts.
    await member?.ended;
    if (this.#member === member) this.#member = null;
    this.#closeStreak();
  }

  async #consume(member: Membership): Promise<void> {
    const { signal } = member.over;
    const { tools, topicsOn, log } = this.#with;
    const { alias } = member.site.cluster;
    const { name: group, commitIntervalMs } = this.plan;
    while (!signal.aborted) {
      try {
        const topics = await topicsOn(alias, signal);
        member.consumer = await tools.consumer(member.site.cluster);
        await member.consumer.run({
          topics,
          group,
          fromBeginning: true,
          commitIntervalMs,
          signal,
          onRecord: (record) => this.#process(member, record),
          onCommit: (offsets) => {
            for (const { topic, partition, offset } of offsets) {
              log.add('committed', [group, alias, topic, partition, offset]);
            }
          },
        });
        return;
      } catch {
        // Whatever it was, a client tries again; records it could not read show as unprocessed.
        await tools.clock.sleep(REJOIN_PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  #process(member: Membership, record: StoredRecord): void {
    if (member !== this.#member) return;
    const { topic, partition, offset } = record;
    this.#positions.set(partitionKey(record), offset + 1n);
    const stamp = readStamp(record.headers);
    if (stamp?.run !== this.#with.runId) return;
    const ledger = this.#with.streams.get(stamp.stream)?.partitions[stamp.partition];
    if (ledger === undefined) return;
    ledger.process(this.plan.name, stamp.seq);
    member.site.firstProcessedAt ??= this.#with.tools.clock.now();
    const where = `${member.site.cluster.alias}/${topic}/${partition}`;
    const streak = this.#streak;
    if (
      streak?.log === where &&
      streak.stream === stamp.stream &&
      streak.next === stamp.seq &&
      streak.nextOffset === offset
    ) {
      streak.next += 1;
      streak.nextOffset += 1n;
      return;
    }
    this.#closeStreak();
    this.#streak = {
      fields: [this.plan.name, member.site.cluster.alias, topic, partition, offset, stamp.stream, stamp.seq],
      ...{ log: where, stream: stamp.stream, partition, first: stamp.seq },
      ...{ next: stamp.seq + 1, nextOffset: offset + 1n },
    };
  }

  #closeStreak(): void {
    const streak = this.#streak;
    this.#streak = null;
    if (streak !== null) this.#with.log.add('processed', [...streak.fields, streak.next - streak.first]);
  }
}
