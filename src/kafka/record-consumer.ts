import type { RecordConsumer, SubscribeOptions } from '../app/ports/record-client.ts';
import { KmkError } from '../domain/errors.ts';
import { Coordinators } from './admin/coordinators.ts';
import { pause } from './client/abortable.ts';
import { ClusterClient } from './client/cluster-client.ts';
import type { ConnectOptions } from './client/connect-options.ts';
import { kafkaError, mayPass } from './client/failures.ts';
import { GroupMember } from './consumer/group-member.ts';
import { Session } from './consumer/session.ts';

/** How long the last commit and the goodbye may take together: as long as a call that is tried again, on a busy machine. */
const FAREWELL_MS = 15_000;
/** The same once somebody waits for the end, who has pressed Ctrl-C. */
const HURRIED_FAREWELL_MS = 1500;
const REJOIN_PAUSE_MS = 200;

/** The group is rebalancing; what was processed may still be committed. */
const REBALANCING: ReadonlySet<string | null> = new Set(['REBALANCE_IN_PROGRESS']);
/** The coordinator gave this member up; its partitions may be another's by now. */
const EXPELLED: ReadonlySet<string | null> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

/**
 * A consumer in a classic group; understands the assignors `range` and `roundrobin`, so that Java consumers can be in
 * the same group. It speaks the group protocol itself: kafkajs's consumer can hang after a lost connection.
 */
export function createRecordConsumer(options: ConnectOptions): RecordConsumer {
  const abandoned = new AbortController();
  return {
    async run(subscription) {
      const cluster = new ClusterClient(options);
      try {
        await new ConsumerRun(cluster, subscription, abandoned.signal).run();
      } finally {
        cluster.close();
      }
    },
    abandon() {
      abandoned.abort();
    },
  };
}

class ConsumerRun {
  readonly #cluster: ClusterClient;
  readonly #options: SubscribeOptions;
  readonly #member: GroupMember;
  readonly #abandoned: AbortSignal;
  #session: Session | null = null;
  #wasMember = false;

  constructor(cluster: ClusterClient, options: SubscribeOptions, abandoned: AbortSignal) {
    this.#cluster = cluster;
    this.#abandoned = abandoned;
    this.#options = options;
    this.#member = new GroupMember(cluster, new Coordinators(cluster), options.group, options.topics);
  }

  async run(): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, this.#abandoned]);
    for (;;) {
      try {
        await this.#commitLast(signal);
        const partitions = await this.#member.join(signal);
        this.#wasMember = true;
        this.#session = new Session(this.#cluster, this.#member, this.#options);
        await this.#session.run(partitions, signal);
      } catch (error) {
        if (this.#abandoned.aborted) return;
        if (signal.aborted) return this.#farewell();
        this.#checkPasses(error);
        if (!REBALANCING.has(kafkaError(error))) await pause(REJOIN_PAUSE_MS, signal).catch(() => undefined);
      }
    }
  }

  /** Before a rejoin: what the last session processed, while the coordinator still takes this member for alive. */
  async #commitLast(signal: AbortSignal): Promise<void> {
    try {
      await this.#session?.commit(signal);
      this.#session = null;
    } catch (error) {
      if (REBALANCING.has(kafkaError(error))) this.#session = null;
      else throw error;
    }
  }

  /** Throws what no rejoin can mend. */
  #checkPasses(error: unknown): void {
    if (EXPELLED.has(kafkaError(error))) {
      this.#member.forget();
      this.#session = null;
      return;
    }
    const isOutage = KmkError.is(error) && error.code === 'KMK_KAFKA_UNREACHABLE' && this.#wasMember;
    if (!isOutage && !REBALANCING.has(kafkaError(error)) && !mayPass(error)) throw error;
  }

  /** Commits and leaves. The group goes without this member if that takes too long; a commit that is not made is told. */
  async #farewell(): Promise<void> {
    const { signal, hurry = signal } = this.#options;
    await withinFarewell(hurry, async (limit) => {
      try {
        await this.#session?.conclude(limit);
      } catch (error) {
        throw notCommitted(this.#options.group, limit.aborted ? null : error);
      } finally {
        await this.#member.leave(limit).catch(() => undefined);
      }
    });
  }
}

/** Does the work with a signal that aborts when the time for a farewell is up. */
async function withinFarewell(hurry: AbortSignal, work: (limit: AbortSignal) => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const stop = (): void => {
    limit.abort();
  };
  const timers = [setTimeout(stop, FAREWELL_MS)];
  const hasten = (): void => void timers.push(setTimeout(stop, HURRIED_FAREWELL_MS));
  if (hurry.aborted) hasten();
  else hurry.addEventListener('abort', hasten, { once: true });
  try {
    await work(limit.signal);
  } finally {
    hurry.removeEventListener('abort', hasten);
    for (const timer of timers) clearTimeout(timer);
  }
}

/** `cause` is null where time was up. */
function notCommitted(group: string, cause: unknown): KmkError {
  const reason = cause instanceof Error ? cause.message : 'no broker answered in time';
  return new KmkError(
    'KMK_COMMIT_UNACKNOWLEDGED',
    `the last positions of group "${group}" were not committed: ${reason}`,
    {
      hints: [`Run \`kmk group describe ${group}\`: what it has read from there on, it reads again.`],
      context: { group, error: kafkaError(cause) },
      ...(cause === null ? {} : { cause }),
    },
  );
}
