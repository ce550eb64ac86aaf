import type { WorkloadGroup, WorkloadTopic } from '../../domain/scenario.ts';
import type { StreamLedger } from '../../domain/ledger.ts';
import { createStreamLedger } from '../../domain/ledger.ts';
import { createValues } from '../../domain/ledger-record.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, resolveCluster } from '../lab/lab.ts';
import { GroupReader } from './group-reader.ts';
import { LedgerLog } from './ledger-log.ts';
import type { Site } from './site.ts';
import { newSite } from './site.ts';
import { StreamWriter } from './stream-writer.ts';
import { originalTopic } from './topic-names.ts';

export interface WorkloadRequest {
  readonly runId: string;
  readonly seed: number;
  /** With the names they have on the clusters. */
  readonly topics: readonly WorkloadTopic[];
  readonly groups: readonly WorkloadGroup[];
}

interface Follower<T> {
  readonly client: T;
  /** False for one that stays on its cluster. */
  readonly follows: boolean;
}

/**
 * The clients of a drill: one writer a partition and one consumer a group, over the CLIENT listener. Those that read
 * and write on "active" move with it. Everything they see goes into the ledgers.
 */
export class Workload {
  readonly streams: ReadonlyMap<string, StreamLedger>;
  readonly groups: readonly WorkloadGroup[];
  readonly #lab: Lab;
  readonly #runId: string;
  readonly #log: LedgerLog;
  readonly #writers: readonly Follower<StreamWriter>[];
  readonly #readers: readonly Follower<GroupReader>[];
  readonly #over = new AbortController();
  #active: Site;
  #writing = false;
  #running: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | null = null;

  constructor(lab: Lab, request: WorkloadRequest) {
    const { tools, record } = lab;
    this.#lab = lab;
    this.#runId = request.runId;
    this.#log = new LedgerLog(tools.store, tools.clock, request.runId);
    this.#active = newSite(clusterLayout(lab.layout, record.active), record.epoch);
    this.groups = request.groups;
    const common = { log: this.#log, runId: request.runId };
    const withWriters = { ...common, tools, values: createValues(request.seed) };
    const plans = request.topics.flatMap((topic) => topic.writtenOn.map((on) => ({ topic, on })));
    this.#writers = plans.map(({ topic, on }) => {
      const site = this.#siteOf(on);
      const id = topic.writtenOn.length === 1 ? topic.name : `${site.cluster.alias}/${topic.name}`;
      const ledger = createStreamLedger(id, topic.name, topic.partitions);
      const client = new StreamWriter({ ledger, rate: topic.rate, size: topic.size }, site, withWriters);
      return { client, follows: on === 'active' };
    });
    this.streams = new Map(this.#writers.map(({ client }) => [client.plan.ledger.id, client.plan.ledger]));
    this.#readers = request.groups.map((group) => ({
      client: new GroupReader(
        { name: group.name, commitIntervalMs: group.commitIntervalMs },
        {
          ...common,
          tools,
          streams: this.streams,
          topicsOn: (alias, signal) => this.#topicsOn(alias, group.topics, signal),
        },
      ),
      follows: group.readsOn === 'active',
    }));
  }

  /** The cluster that the following clients use, and what they have done there. */
  get active(): Site {
    return this.#active;
  }

  /** The clusters that streams are written on now, by stream id. */
  sites(): ReadonlyMap<string, string> {
    return new Map(this.#writers.map(({ client }) => [client.plan.ledger.id, client.site.cluster.alias]));
  }

  /** The cluster that a group reads on. */
  homeOf(group: WorkloadGroup): string {
    return this.#siteOf(group.readsOn).cluster.alias;
  }

  /** Starts the clients; writers wait for `resume`. */
  start(): void {
    const { signal } = this.#over;
    const runs = this.#writers.map(({ client }) => client.run(signal));
    this.#running = Promise.allSettled([...runs, this.#log.run(signal)]);
    for (const [index, group] of this.groups.entries())
      this.#readers[index]?.client.joinAt(this.#siteOf(group.readsOn));
  }

  /** True between `resume` and `pause`. */
  get writing(): boolean {
    return this.#writing;
  }

  resume(): void {
    this.#writing = true;
    for (const { client } of this.#writers) client.resume();
  }

  pause(): void {
    this.#writing = false;
    for (const { client } of this.#writers) client.pause();
  }

  /** True while any writer waits for an acknowledgement. */
  get busy(): boolean {
    return this.#writers.some(({ client }) => client.busy);
  }

  /** Clients that follow the active cluster go to it, at once and without waiting for the old one. */
  follow(alias: string, epoch: number): void {
    if (this.#over.signal.aborted) return;
    this.#active = newSite(clusterLayout(this.#lab.layout, alias), epoch);
    for (const { client, follows } of this.#writers) if (follows) client.moveTo(this.#active);
    for (const { client, follows } of this.#readers) if (follows) client.joinAt(this.#active);
  }

  /** Consumers that follow the active cluster read on to the ends they find, commit and leave. */
  async leaveActive(limitMs: number, signal: AbortSignal): Promise<void> {
    const following = this.#readers.flatMap(({ client, follows }, index) => {
      const group = this.groups[index];
      return follows && group !== undefined ? [{ client, group }] : [];
    });
    const { clock } = this.#lab.tools;
    const deadline = clock.now() + limitMs;
    for (const { client, group } of following) {
      while (clock.now() < deadline && (await this.#isBehind(client, group, signal))) await clock.sleep(100, signal);
    }
    await Promise.all(following.map(({ client }) => client.leave()));
  }

  /** Whether the group's consumer has records to read where it is now. */
  async #isBehind(reader: GroupReader, group: WorkloadGroup, signal: AbortSignal): Promise<boolean> {
    const { alias } = this.#active.cluster;
    const admin = await adminOf(this.#lab, alias);
    const topics = await this.#topicsOn(alias, group.topics, signal);
    const commits = new Map((await admin.groupOffsets(group.name, signal)).map((at) => [partitionKey(at), at.offset]));
    const ends = await admin.logRanges(topics, signal);
    return ends.some(({ topic, partition, start, end }) => {
      const position = reader.position(topic, partition) ?? commits.get(partitionKey({ topic, partition })) ?? start;
      return position < end;
    });
  }

  /** Ends every client and writes the rest of the ledger's files. Safe to call again. */
  async stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#over.abort();
      await Promise.all([this.#running, ...this.#readers.map(({ client }) => client.leave())]);
      await this.#log.flush();
    })();
    await this.#stopped;
  }

  get runId(): string {
    return this.#runId;
  }

  #siteOf(name: string): Site {
    const { cluster } = this.#active;
    if (name === 'active' || name === cluster.alias) return this.#active;
    return newSite(resolveCluster(this.#lab, name), this.#active.epoch);
  }

  async #topicsOn(alias: string, topics: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const { policy, clusters } = this.#lab.layout;
    const aliases = clusters.map((cluster) => cluster.alias);
    const existing = await (await adminOf(this.#lab, alias)).listTopics(signal);
    return existing.filter((topic) => topics.includes(originalTopic(policy, aliases, topic)));
  }
}
