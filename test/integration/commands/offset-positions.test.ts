import type { ChildProcess } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OffsetsDocument, PartitionOffsets } from '../../../src/domain/documents.ts';
import type { GroupsDocument } from '../../../src/domain/listing-documents.ts';
import { translateOffsets } from '../../../src/index.ts';
import { eventually, kcat, startKafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin } from '../kafka/clients.ts';
import { commitsByTool, document, endsByTool, kmk, unique } from './kmk.ts';

const rowOf = (answer: unknown): PartitionOffsets | undefined => (answer as OffsetsDocument).groups[0]?.partitions[0];

/** The value of the first record at or after an offset, as kcat reads it: it passes over markers. */
async function valueFrom(alias: 'primary' | 'dr', topic: string, offset: string): Promise<string> {
  const { bootstrap } = labCluster(alias);
  return kcat(['-b', bootstrap, '-C', '-t', topic, '-p', '0', '-o', offset, '-c', '1', '-e', '-q']);
}

/** A topic of one partition in which each transaction leaves a marker: its copy has other offsets. */
async function transactional(transactions: readonly (readonly string[])[]): Promise<string> {
  const topic = unique('marked');
  await document('topic', 'create', topic, '--partitions', '1');
  const { bootstrap } = labCluster('primary');
  for (const values of transactions) {
    await kcat(['-b', bootstrap, '-P', '-t', topic, '-X', `transactional.id=${topic}`], `${values.join('\n')}\n`);
  }
  const records = String(transactions.flat().length);
  await document('consume', '-t', `primary.${topic}`, '--cluster', 'dr', '--messages', records);
  return topic;
}

const numbered = (from: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `record ${from + index}`);

function mm2Position(topic: string, group: string): Promise<string> {
  return eventually('the commit of MM2', async () => {
    await using admin = openAdmin('dr');
    return (await admin.groupOffsets(group)).find((at) => at.topic === `primary.${topic}`)?.offset.toString();
  });
}

describe('a translated position', () => {
  let topic = '';
  const at = (name: string, offset: number) =>
    document('offsets', 'translate', '-t', name, '--partition', '0', '--offset', String(offset));
  beforeAll(async () => {
    topic = await transactional([numbered(0, 20), numbered(20, 20), numbered(40, 20)]);
    expect(await endsByTool('primary', topic)).toEqual({ 0: '63' });
    expect(await endsByTool('dr', `primary.${topic}`)).toEqual({ 0: '60' });
  });

  it.each([
    [0, '0'],
    [7, '7'],
    [20, '20'],
    [21, '20'],
    [30, '29'],
    [42, '40'],
    [62, '60'],
    [63, '60'],
  ])('at %i of a topic with markers is exactly %s in its copy', async (offset, copied) => {
    const row = rowOf(await at(topic, offset));
    expect(row).toMatchObject({
      topic,
      remoteTopic: `primary.${topic}`,
      direction: 'forward',
      committed: String(offset),
    });
    expect(row).toMatchObject({ exact: copied, best: copied, bound: 0, verdict: 'exact' });
    const [ours, theirs] = [valueFrom('primary', topic, String(offset)), valueFrom('dr', `primary.${topic}`, copied)];
    expect(await ours).toBe(await theirs);
  });

  it.each([
    [0, '0'],
    [19, '19'],
    [20, '21'],
    [29, '30'],
    [59, '61'],
    [60, '62'],
  ])('at %i of the copy is exactly %s in the original', async (offset, original) => {
    const row = rowOf(await at(`primary.${topic}`, offset));
    expect(row).toMatchObject({ topic, direction: 'inverse', committed: String(offset) });
    expect(row).toMatchObject({ exact: original, best: original, bound: 0, verdict: 'exact' });
    const [ours, theirs] = [valueFrom('primary', topic, original), valueFrom('dr', `primary.${topic}`, String(offset))];
    expect(await ours).toBe(await theirs);
  });

  it('of a group is told in both directions, by the library too', async () => {
    const group = unique('translated');
    await document('group', 'reset', group, '-t', topic, '--to-offset', '30', '--yes');
    await mm2Position(topic, group);
    expect(rowOf(await document('offsets', 'translate', '-g', group))).toMatchObject({ committed: '30', exact: '29' });
    await document('group', 'reset', group, '-t', `primary.${topic}`, '--to-exact', '--yes');
    const inverse = ['offsets', 'translate', '-g', group, '--direction', 'inverse', '-t', topic];
    const row = rowOf(await document(...inverse));
    expect(row).toMatchObject({ direction: 'inverse', committed: '29', targetCommitted: '30', exact: '30' });
    expect(row).toMatchObject({ verdict: 'exact', behindBy: 0 });
    const place = { config: process.env['KMK_TEST_CONFIG'] ?? '', stateDir: process.env['KMK_TEST_STATE_DIR'] ?? '' };
    const alone = await translateOffsets({ ...place, topic, partition: 0, offset: 30n });
    expect(rowOf(alone)).toMatchObject({ exact: '29' });
    const { stdout } = await kmk(['offsets', 'translate', '-t', topic, '--partition', '0', '--offset', '30']);
    expect(stdout).toMatch(new RegExp(`^${topic}-0 at 30 is primary.${topic}-0 at 29: exact, proved by \\w+`));
  });

  it('that there is not is refused', async () => {
    for (const [argv, exitCode, message] of [
      [['-t', topic, '--partition', '0', '--offset', '64'], 2, `offset 64 is past the end of ${topic}-0, which is 63`],
      [['-t', `primary.${topic}`, '--partition', '0', '--offset', '61'], 2, 'offset 61 is past the end'],
      [['-t', topic, '--partition', '5', '--offset', '0'], 2, `has no partition 5`],
      [['-t', 'no-such-topic', '--partition', '0', '--offset', '0'], 5, 'no flow has copied a topic "no-such-topic"'],
      [['-g', 'no-such-group'], 5, 'group "no-such-group" has no position'],
      [['-g', 'no-such-group', '--direction', 'inverse'], 5, 'group "no-such-group" has no position'],
    ] as const) {
      const run = await kmk(['offsets', 'translate', ...argv]);
      expect(run).toMatchObject({ exitCode, stdout: '' });
      expect(run.stderr).toContain(message);
    }
  });
});

describe('a group reset on the target', () => {
  it("goes to MM2's checkpoint, or to the proved position, as Kafka shows", async () => {
    const topic = await transactional([numbered(0, 150), numbered(150, 150)]);
    const group = unique('reset');
    await document('group', 'reset', group, '-t', topic, '--to-offset', '120', '--yes');
    const checkpoint = await mm2Position(topic, group);
    const copy = `primary.${topic}-0`;
    const exact = ['group', 'reset', group, '--all-topics', '--to-exact'];
    expect(await kmk(exact)).toMatchObject({ exitCode: 7 });
    await document(...exact, '--yes');
    expect(await commitsByTool('dr', group)).toEqual({ [copy]: '120' });
    await document('group', 'reset', group, '-t', `primary.${topic}`, '--to-checkpoint', '--yes');
    expect(await commitsByTool('dr', group)).toEqual({ [copy]: checkpoint });
    expect(BigInt(checkpoint)).toBeLessThan(120n);
  });

  it('is refused where nothing is proved, unless the best is accepted', async () => {
    const same = Array.from({ length: 150 }, () => 'same');
    const topic = await transactional([same, same]);
    let [group, row] = ['', undefined as ReturnType<typeof rowOf>];
    // Where one of MM2's polls happened to begin a sync proves the position.
    for (const offset of ['140', '137', '133']) {
      group = unique('unproved');
      await document('group', 'reset', group, '-t', topic, '--to-offset', offset, '--yes');
      await mm2Position(topic, group);
      row = rowOf(await document('offsets', 'show', '-g', group));
      if (row?.exact === null) break;
    }
    expect(row?.exact).toBeNull();
    const exact = ['group', 'reset', group, '-t', `primary.${topic}`, '--to-exact', '--yes'];
    const refused = await kmk(exact);
    expect(refused).toMatchObject({ exitCode: 7, stdout: '' });
    expect(refused.stderr).toContain(`group "${group}" has not a proved position on primary.${topic}-0`);
    await document(...exact, '--accept-best');
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: row?.best });
    expect(BigInt(row?.best ?? 141)).toBeLessThanOrEqual(BigInt(row?.committed ?? 0));
  });

  it.each([
    [['--to-exact', '--cluster', 'primary'], 7, 'no flow ends at "primary"'],
    [['--to-checkpoint'], 5, 'group "no-such-group" has no position'],
    [['--to-latest', '--accept-best'], 2, 'option --accept-best needs --to-exact'],
  ] as const)('with %j is refused', async (argv, exitCode, message) => {
    const run = await kmk(['group', 'reset', 'no-such-group', '--all-topics', ...argv, '--yes']);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});

describe('groups of other protocols', () => {
  const stopped = async (consumer: ChildProcess): Promise<void> => {
    const exited = new Promise((resolve) => consumer.once('exit', resolve));
    consumer.kill('SIGTERM');
    await exited;
  };
  const listed = async (group: string) =>
    ((await document('group', 'list')) as GroupsDocument).groups.find((row) => row.group === group);

  it('of the new consumer protocol (KIP-848) are carried, shown and synced', async () => {
    const topic = await transactional([numbered(0, 20), numbered(20, 20)]);
    const group = unique('kip848');
    const consumer = startKafkaTool(
      'consumer.ConsoleConsumer',
      ...['--bootstrap-server', labCluster('primary').bootstrap, '--topic', topic, '--group', group],
      ...['--from-beginning', '--command-property', 'group.protocol=consumer'],
      ...['--command-property', 'auto.commit.interval.ms=100', '--max-messages', '30'],
    );
    await new Promise((resolve) => consumer.once('exit', resolve));
    const row = await eventually('its listing', () => listed(group));
    expect(row.on.find(({ cluster }) => cluster === 'primary')).toMatchObject({ type: 'consumer' });
    expect(row.carriage).toEqual([{ flow: 'primary->dr', type: 'consumer', checkpointed: true, reason: null }]);
    await mm2Position(topic, group);
    const done = (await document('offsets', 'sync', '-g', group, '--yes')) as OffsetsDocument;
    expect(rowOf(done)).toMatchObject({ committed: '31', exact: '30', targetCommitted: '30', verdict: 'exact' });
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: '30' });
  });

  it('of share consumers are named as what MM2 does not carry', async () => {
    const topic = await transactional([numbered(0, 5)]);
    const group = unique('shared');
    const consumer = startKafkaTool(
      'consumer.ConsoleShareConsumer',
      ...['--bootstrap-server', labCluster('primary').bootstrap, '--topic', topic, '--group', group],
    );
    try {
      const row = await eventually('its listing', () => listed(group));
      expect(row).toMatchObject({
        on: [{ cluster: 'primary', type: 'share', members: 1 }],
        carriage: [{ flow: 'primary->dr', type: 'share', checkpointed: false }],
      });
      expect(row.carriage?.[0]?.reason).toContain('__share_group_state');
      const { groups } = (await document('offsets', 'show', '-g', group)) as OffsetsDocument;
      expect(groups).toMatchObject([{ group, partitions: [], carriage: [{ type: 'share', checkpointed: false }] }]);
      const kept = await kmk(['offsets', 'snapshot', '-g', group, '--cluster', 'primary']);
      expect(kept).toMatchObject({ exitCode: 7, stdout: '' });
      expect(kept.stderr).toContain(`"${group}" on "primary" is a share group`);
      const synced = await kmk(['offsets', 'sync', '-g', group, '--yes']);
      expect(synced).toMatchObject({ exitCode: 5, stdout: '' });
    } finally {
      await stopped(consumer);
    }
  });
});
