import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GroupOffsets, OffsetsDocument } from '../../../src/domain/documents.ts';
import type { LogRange } from '../../../src/domain/topic.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { eventually } from '../../helpers/kafka-tools.ts';
import { openStandby } from '../../helpers/open-standby.ts';
import { labCluster } from '../../helpers/lab.ts';
import type { MirrorMaker } from '../../helpers/mirror-maker.ts';
import { startMirrorMaker } from '../../helpers/mirror-maker.ts';
import type { Twins } from '../../helpers/twins.ts';
import { judgeRows, lastValue, readTwins } from '../../helpers/twins.ts';
import { openAdmin } from '../kafka/clients.ts';
import { document, unique } from './kmk.ts';
import { lost, named, renamedLab } from './renamed-lab.ts';

const GROUPS = 300;
/** Positions copied before the worker is killed: a few groups are among them, and some syncs that MM2 drops. */
const KILLED_FROM = 3000n;
/** What one answer over all groups may take of a processor, however busy the machine is. */
const SHOWN_WITHIN_MS = 2500;

interface NewTopic {
  readonly partitions: number;
  readonly config?: Readonly<Record<string, string>>;
}

async function create(prefix: string, { partitions, config = {} }: NewTopic): Promise<string> {
  const topic = unique(prefix);
  await using admin = openAdmin('primary');
  await admin.createTopic({ topic, partitions, replicationFactor: 1, config });
  return topic;
}

/** Writes records that are all different, in batches of `batch`, over all partitions. */
async function fill(
  topic: string,
  { records, partitions = 1, batch = 50, keys = records, size = 0 }: Filling,
): Promise<void> {
  await using producer = createRecordProducer({ bootstrap: labCluster('primary').bootstrap, clientId: 'kmk-test' });
  for (let from = 0; from < records; from += batch) {
    const some = Array.from({ length: Math.min(batch, records - from) }, (_, index) => from + index);
    await producer.send(
      topic,
      some.map((n) => ({ key: `k${n % keys}`, value: `${topic} ${n} `.padEnd(size, '.'), partition: n % partitions })),
    );
  }
}

interface Filling {
  readonly records: number;
  readonly partitions?: number;
  readonly batch?: number;
  readonly keys?: number;
  /** Bytes of a value, at least. */
  readonly size?: number;
}

async function commit(
  group: string,
  topic: string,
  offsets: readonly (readonly [partition: number, offset: number])[],
) {
  await using admin = openAdmin('primary');
  await admin.commitOffsets(
    group,
    offsets.map(([partition, offset]) => ({ topic, partition, offset: BigInt(offset) })),
  );
}

/** Waits until the copy ends with the last record of the original, in each partition. */
async function copied(topic: string, partitions = 1, copy = `primary.${topic}`): Promise<void> {
  for (let partition = 0; partition < partitions; partition += 1) {
    const wanted = await lastValue('primary', topic, partition);
    const same = async () => ((await lastValue('dr', copy, partition)) === wanted ? true : undefined);
    await eventually(`the last record of ${topic}-${partition}`, same, 60_000);
  }
}

/**
 * Waits until MM2 has committed these groups on the standby. Only of a group near the end of its log may that be
 * expected: MM2 drops syncs when ten are under way, and commits nothing of a group that stands before the first one left.
 */
async function carried(groups: readonly string[]): Promise<void> {
  await using admin = openAdmin('dr');
  const missing = async () => {
    const there = new Set((await admin.listGroups()).map(({ group }) => group));
    return groups.filter((group) => !there.has(group));
  };
  try {
    await eventually("MM2's commits", async () => ((await missing()).length === 0 ? true : undefined), 60_000);
  } catch (error) {
    const [without, status] = [await missing(), JSON.stringify(await document('status'))];
    throw new Error(`${(error as Error).message}: without ${without.join(', ')}; ${status}`, { cause: error });
  }
}

async function shown(...args: readonly string[]): Promise<readonly GroupOffsets[]> {
  return ((await document('offsets', 'show', ...args)) as OffsetsDocument).groups;
}

const serviceOf = async (name: string): Promise<number> => {
  const text = await readFile(join(process.env['KMK_TEST_STATE_DIR'] ?? '', 'lab', 'pids', `${name}.pid`), 'utf8');
  return Number(text.split(' ')[0]);
};

describe('positions of groups', () => {
  const PARTITIONS = 3;
  const RECORDS = 600;
  let [many, low, compacted] = ['', '', ''];
  let names: readonly string[] = [];
  let twins: ReadonlyMap<string, Twins>;

  beforeAll(async () => {
    await document('flow', 'stop', '--yes');
    // Compaction takes what it finds every 15 s: it does so while the rest is made.
    const compact = { 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.001' };
    compacted = await create('compacted', { partitions: 1, config: compact });
    await fill(compacted, { records: 200, keys: 12, batch: 20 });
    many = await create('many', { partitions: PARTITIONS });
    await fill(many, { records: RECORDS, partitions: PARTITIONS });
    low = await create('low', { partitions: 2 });
    await fill(low, { records: 1 });
    names = Array.from({ length: GROUPS }, (_, index) => `${many}-${index}`);
    const each = RECORDS / PARTITIONS;
    for (const [index, name] of names.entries()) {
      // At the beginning, in mid-log, at the end; one partition in ten is never committed.
      const at = (partition: number) => Math.min(each, Math.floor((index * (partition + 1) * each) / (GROUPS - 20)));
      const partitions = [0, 1, 2].filter((partition) => index % 10 !== partition);
      await commit(
        name,
        many,
        partitions.map((partition) => [partition, at(partition)]),
      );
    }
    await commit(`${low}-end`, low, [[0, 1]]);
    await commit(`${low}-start`, low, [[0, 0]]);
    // A segment is closed, and may be compacted, once a record comes that is too late for it.
    await fill(compacted, { records: 1, keys: 12 });
    await using admin = openAdmin('primary');
    const [last] = await admin.logRanges([compacted]);
    const first = async () => {
      let records = 0;
      await admin.readPartition({ topic: compacted, partition: 0 }, () => (records += 1));
      return records < 150 ? true : undefined;
    };
    await eventually('compaction', first, 40_000);
    await commit(`${compacted}-mid`, compacted, [[0, Number(last?.end ?? 0n) - 30]]);
    await commit(`${compacted}-early`, compacted, [[0, 60]]);
    await commit(`${compacted}-end`, compacted, [[0, Number(last?.end ?? 0n)]]);
    await document('flow', 'resume');
    await copied(many, PARTITIONS);
    await copied(low);
    await copied(compacted);
    await carried([names[201] ?? '', ...names.slice(-20)]);
    twins = await readTwins([
      ...[0, 1, 2].map((partition) => ({ topic: many, partition })),
      ...[0, 1].map((partition) => ({ topic: low, partition })),
      { topic: compacted, partition: 0 },
    ]);
  }, 120_000);

  it(`of ${GROUPS} at once, anywhere in the log, are never ahead, and exact means the very record`, async () => {
    const startedAt = performance.now();
    const before = process.cpuUsage();
    const groups = await shown();
    const tookMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(before);
    const busyMs = (user + system) / 1000;
    console.info(
      `offsets show of ${groups.length} groups took ${Math.round(tookMs)} ms, ${Math.round(busyMs)} ms of processor`,
    );
    const ours = groups.filter(({ group }) => group.startsWith(many));
    expect(ours.length).toBe(GROUPS);
    const told = judgeRows(ours, twins);
    expect(told).toMatchObject({ ahead: 0, wrong: [] });
    // Everything is there to be compared: what was committed is proved.
    expect(told.exact).toBe(told.committed);
    const without = ours.flatMap(({ partitions }) => partitions.filter(({ committed }) => committed === null));
    expect(without.length).toBe((GROUPS / 10) * 3);
    expect(without.every(({ verdict, best }) => verdict === 'missing' && best === null)).toBe(true);
    expect(busyMs).toBeLessThan(SHOWN_WITHIN_MS);
  });

  it('of a topic with one record, and of a compacted one, are as true', async () => {
    const groups = await shown();
    for (const topic of [low, compacted]) {
      const told = judgeRows(
        groups.filter(({ group }) => group.startsWith(topic)),
        twins,
      );
      expect({ topic, ...told }).toMatchObject({ topic, ahead: 0, wrong: [] });
      expect(told.exact).toBeGreaterThan(0);
    }
  });

  it('are as true from what is left while the source does not answer, and commits of MM2 since its last checkpoint count', async () => {
    // What MM2 commits of a group that is further on: what a poll that was cut short had found of this one.
    const rows = (await shown()).find(({ group }) => group === names[201])?.partitions ?? [];
    const later = rows.find(({ partition }) => partition === 2);
    const newer = BigInt(later?.targetCommitted ?? '0');
    const [cut, used] = [names[31] ?? '', names[21] ?? ''];
    await using dr = openAdmin('dr');
    // A group that has had a member here: whose its commits are nobody knows.
    await document('consume', '--cluster', 'dr', '--topic', `primary.${many}`, '--group', used, '--messages', '1');
    await commit(`${many}-last`, many, [[0, RECORDS / PARTITIONS]]);
    await carried([`${many}-last`]);
    const pid = await serviceOf('primary-broker-1');
    process.kill(pid, 'SIGSTOP');
    try {
      const groups = (await shown()).filter(({ group }) =>
        [many, low, compacted].some((topic) => group.startsWith(topic)),
      );
      const told = judgeRows(groups, twins);
      expect(groups.length).toBeGreaterThanOrEqual(GROUPS);
      expect(told).toMatchObject({ ahead: 0, wrong: [] });
      expect(told.exact).toBeGreaterThan(0);
      for (const group of [cut, used])
        await dr.commitOffsets(group, [{ topic: `primary.${many}`, partition: 2, offset: newer }]);
      const rowOf = async (group: string) =>
        (await shown('--group', group))[0]?.partitions.find(({ partition }) => partition === 2);
      const [raised, kept] = [await rowOf(cut), await rowOf(used)];
      expect(raised).toMatchObject({ best: String(newer), exact: null, proof: 'conservative', verdict: 'behind' });
      // No further than the group that it was true of.
      expect(Number(raised?.committed)).toBeLessThanOrEqual(Number(later?.committed));
      expect(Number(kept?.best)).toBeLessThan(Number(newer));
      expect(kept?.verdict).not.toBe('exact');
    } finally {
      process.kill(pid, 'SIGCONT');
      // Its controller takes it for dead until it has heard of it again, and then creates nothing on it.
      const usable = () => create('usable', { partitions: 1 }).catch(() => undefined);
      await eventually('a primary that is back', usable, 30_000);
    }
  });
});

describe('a Connect worker that is killed in the middle of a batch', () => {
  it('leaves positions that skip nothing, and exact ones that are the very record', async () => {
    const topic = await create('killed', { partitions: 1 });
    const records = 30_000;
    await document('flow', 'stop', '--yes');
    await fill(topic, { records, batch: 1000, size: 600 });
    // Known to MM2 when it begins: its task begins anew with each group that it finds later.
    const groups = Array.from({ length: 20 }, (_, index) => `${topic}-${index}`);
    for (const [index, group] of groups.entries()) await commit(group, topic, [[0, ((records / 19) * index) | 0]]);
    await using dr = openAdmin('dr');
    const worker = await serviceOf('dr-connect');
    await document('flow', 'resume');
    // Positions are flushed once a second: what is copied before the kill is sent again.
    while (((await dr.logRanges([`primary.${topic}`]).catch(() => []))[0]?.end ?? 0n) < KILLED_FROM) continue;
    process.kill(worker, 'SIGKILL');
    const [range] = await dr.logRanges([`primary.${topic}`]);
    await document('deploy');
    await openStandby(process.env['KMK_TEST_STATE_DIR'] ?? '');
    await copied(topic);
    await carried(groups.slice(-1));
    const twins = await readTwins([{ topic, partition: 0 }]);
    const [{ source, copy }] = [...twins.values()] as [Twins];
    console.info(
      `killed at ${String(range?.end)} of ${records}: ${copy.records.length - records} records were sent again`,
    );
    expect(new Set(copy.records.map(({ content }) => content)).size).toBe(source.records.length);
    const told = judgeRows(
      (await shown()).filter(({ group }) => group.startsWith(topic)),
      twins,
    );
    expect(told).toMatchObject({ ahead: 0, wrong: [], committed: 20, unproved: [] });
  }, 120_000);
});

describe('an exactly-once flow under the identity policy with its syncs on the source', () => {
  let mirror: MirrorMaker | null = null;
  afterAll(() => mirror?.kill());

  it('has positions that skip nothing, and exact ones that are the very record, its own death included', async () => {
    const topic = await create('once', { partitions: 1 });
    await fill(topic, { records: 300 });
    const options = {
      'replication.policy.class': 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
      'replication.policy.separator': '..',
      'primary->dr.topics': topic,
      'primary->dr.groups': `${topic}.*`,
      'primary->dr.offset-syncs.topic.location': 'source',
      'dr.exactly.once.source.support': 'enabled',
      'dr.producer.transaction.timeout.ms': '5000',
      'primary.consumer.isolation.level': 'read_committed',
    };
    mirror = await startMirrorMaker(options);
    await copied(topic, 1, topic);
    const groups = [0, 70, 150, 299, 300].map((offset) => [`${topic}-${offset}`, offset] as const);
    for (const [group, offset] of groups) await commit(group, topic, [[0, offset]]);
    await carried(groups.slice(-2).map(([group]) => group));
    await using lab = await renamedLab(named({ policy: 'identity', separator: '..', location: 'source' }));
    const told = async () => {
      const twins = await readTwins([{ topic, partition: 0, copy: topic }]);
      const { exitCode, stdout, stderr } = await lab.kmk(
        'offsets',
        'show',
        ...groups.flatMap(([group]) => ['-g', group]),
      );
      if (exitCode !== 0) throw new Error(stderr);
      return judgeRows((JSON.parse(stdout) as OffsetsDocument).groups, twins);
    };
    const all = { ahead: 0, wrong: [], committed: groups.length, exact: groups.length };
    expect(await told()).toMatchObject(all);
    await mirror.kill();
    expect(await told()).toMatchObject(all);
  }, 120_000);
});

describe('a source that is lost while a task sends again what another one had copied without a sync', () => {
  let mirror: MirrorMaker | null = null;
  afterAll(() => mirror?.kill());

  it('has positions that skip nothing where MM2 would', async () => {
    const [topic, records, committed] = [await create('silent', { partitions: 1 }), 600, 400];
    await fill(topic, { records, batch: 1 });
    const group = `${topic}-mid`;
    await commit(group, topic, [[0, committed]]);
    const copy = `primary-${topic}`;
    const flow = {
      'replication.policy.separator': '-',
      'primary->dr.topics': topic,
      'primary->dr.groups': `${topic}.*`,
    };
    const silent = {
      'primary->dr.emit.offset-syncs.enabled': 'false',
      'primary->dr.emit.checkpoints.enabled': 'false',
      'primary->dr.sync.group.offsets.enabled': 'false',
      // MirrorSourceConnector refuses to have syncs set up and not to write them.
      'offset-syncs.topic.replication.factor': null,
      // The next task begins where this one did, and knows nothing of its configuration.
      'dr.group.id': topic,
      ...Object.fromEntries(['config', 'offset', 'status'].map((of) => [`dr.${of}.storage.topic`, `${topic}-${of}`])),
    };
    mirror = await startMirrorMaker({ ...flow, ...silent });
    await copied(topic, 1, copy);
    await mirror.kill();
    // One record in 50 ms.
    const slow = {
      'primary.consumer.max.partition.fetch.bytes': '1',
      'primary.consumer.fetch.min.bytes': '1000000',
      'primary.consumer.fetch.max.wait.ms': '50',
    };
    mirror = await startMirrorMaker({ ...flow, ...slow, 'primary->dr.offset-syncs.topic.location': 'target' });
    await using dr = openAdmin('dr');
    const there = async () => (await dr.groupOffsets(group)).some((at) => at.topic === copy) || undefined;
    await eventually('the commit of MM2', there, 60_000);
    await mirror.kill();

    const [{ end }] = (await dr.logRanges([copy])) as [LogRange];
    expect(Number(end)).toBeGreaterThan(records);
    expect(Number(end)).toBeLessThan(records + committed);
    await using lab = await renamedLab((record) =>
      lost('primary', named({ separator: '-', location: 'target' })(record)),
    );
    const { exitCode, stdout, stderr } = await lab.kmk('offsets', 'show', '-g', group);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const rows = (JSON.parse(stdout) as OffsetsDocument).groups.flatMap(({ partitions }) => partitions);
    const row = rows.find(({ remoteTopic }) => remoteTopic === copy);
    // The only copies of what the group has not read.
    expect(Number(row?.targetCommitted)).toBeGreaterThan(records);
    expect(row).toMatchObject({ committed: String(committed), exact: null, proof: 'conservative' });
    expect(Number(row?.best)).toBeLessThanOrEqual(committed);
    expect(Number(row?.best)).toBeGreaterThan(0);
  }, 120_000);
});
