import { beforeAll, describe, expect, it } from 'vitest';
import type {
  GroupDocument,
  GroupResetDocument,
  GroupsDocument,
  TopicDocument,
  TopicsDocument,
} from '../../../src/domain/listing-documents.ts';
import { eventually, kafkaTool, startKafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { commitsByTool, document, kmk, unique } from './kmk.ts';

const toolDescribe = (alias: 'primary' | 'dr', topic: string) =>
  kafkaTool('TopicCommand', '--bootstrap-server', labCluster(alias).bootstrap, '--describe', '--topic', topic);

/** Names of all topics, as Kafka's own tool prints them. */
async function toolList(alias: 'primary' | 'dr'): Promise<readonly string[]> {
  const text = await kafkaTool('TopicCommand', '--bootstrap-server', labCluster(alias).bootstrap, '--list');
  return text.trim().split('\n');
}

describe('topics', () => {
  it('are created, listed beside their copies, described and deleted as Kafka sees it', async () => {
    const topic = unique('kept');
    const config = ['--topic-config', 'retention.ms=3600000', '--topic-config', 'cleanup.policy=delete'];
    await document('topic', 'create', topic, '--partitions', '2', ...config);
    expect(await toolDescribe('primary', topic)).toMatch(
      /PartitionCount: 2\s+ReplicationFactor: 1.*retention.ms=3600000/,
    );
    await document('produce', '-t', topic, '--messages', '6');
    const row = await eventually('the copy', async () => {
      const { topics } = (await document('topic', 'list')) as TopicsDocument;
      const found = topics.find((candidate) => candidate.topic === topic);
      return found?.copies.every(({ records }) => records === 6) === true && found.copies.length === 2
        ? found
        : undefined;
    });
    expect(row.copies.map((copy) => [copy.cluster, copy.topic, copy.partitions])).toEqual([
      ['primary', topic, 2],
      ['dr', `primary.${topic}`, 2],
    ]);
    const described = (await document('topic', 'describe', `primary.${topic}`)) as TopicDocument;
    expect(described.copies.map((copy) => copy.topic)).toEqual([topic, `primary.${topic}`]);
    expect(described.copies[0]).toMatchObject({ config: { 'retention.ms': '3600000' } });
    expect(described.copies[0]?.partitions).toMatchObject([{ leader: 1, replicas: [1], start: '0', end: '3' }, {}]);

    expect(await kmk(['topic', 'delete', topic, '--dry-run'])).toMatchObject({ exitCode: 0 });
    expect(await kmk(['topic', 'delete', topic])).toMatchObject({ exitCode: 7 });
    expect(await toolList('primary')).toContain(topic);
    await document('topic', 'delete', topic, '--yes');
    expect(await toolList('primary')).not.toContain(topic);
    await document('topic', 'delete', '--topic', `primary.${topic}`, '--cluster', 'standby', '--yes');
  });

  it('that exist are no error only when that was said', async () => {
    const topic = unique('twice');
    await document('topic', 'create', '--topic', topic);
    expect(await kmk(['topic', 'create', topic])).toMatchObject({ exitCode: 7 });
    expect(await document('topic', 'create', topic, '--if-not-exists')).toMatchObject({ created: [] });
  });

  it.each([
    [['topic', 'describe', 'no-such-topic'], 5, 'topic "no-such-topic" does not exist'],
    [['topic', 'delete', 'no-such-topic', '--yes'], 5, 'topic "no-such-topic" does not exist'],
    [['topic', 'delete', 'heartbeats', '--yes'], 7, 'belongs to Kafka, MM2 or kmk'],
    [['topic', 'create', 'x', '--replication-factor', '3'], 2, 'replication factor 3 is more than'],
    [['topic', 'create', 'wrong-config', '--topic-config', 'no.such.key=1'], 5, 'no.such.key'],
  ] as const)('%j is refused', async (argv, exitCode, message) => {
    const run = await kmk(argv);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(message);
  });

  it('of Kafka and MM2 are shown only with --all', async () => {
    const names = async (...argv: string[]) =>
      ((await document('topic', 'list', ...argv)) as TopicsDocument).topics.map(({ topic }) => topic);
    expect(await names()).not.toContain('heartbeats');
    expect(await names('--all')).toEqual(expect.arrayContaining(['heartbeats', 'kmk-canary']));
  });
});

describe('groups', () => {
  const topic = unique('grouped');
  beforeAll(async () => {
    await document('produce', '-t', topic, '--messages', '30');
  });

  /** A group that has read everything: 10 records in each of 3 partitions. */
  async function readGroup(): Promise<string> {
    const group = unique('group');
    await document('consume', '-t', topic, '-g', group);
    return group;
  }
  const everywhere = (offset: string) => ({
    [`${topic}-0`]: offset,
    [`${topic}-1`]: offset,
    [`${topic}-2`]: offset,
  });

  it('are listed with their lag on both sides', async () => {
    const group = await readGroup();
    const row = await eventually('the group on both sides', async () => {
      const { groups } = (await document('group', 'list')) as GroupsDocument;
      const found = groups.find((candidate) => candidate.group === group);
      return found?.on.length === 2 && found.on.every(({ lag, partitions }) => lag === 0 && partitions === 3)
        ? found
        : undefined;
    });
    expect(row.on).toMatchObject([
      { cluster: 'primary', type: 'classic', state: 'Empty', members: 0, partitions: 3, lag: 0 },
      { cluster: 'dr', state: 'Empty', members: 0, partitions: 3 },
    ]);
    const described = (await document('group', 'describe', group)) as GroupDocument;
    expect(described.on[0]?.partitions).toEqual(
      [0, 1, 2].map((partition) => ({ topic, partition, committed: '10', end: '10', lag: 0 })),
    );
  });

  it.each([
    ['to the beginning', ['--to-earliest'], '0'],
    ['to an offset', ['--to-offset', '4'], '4'],
    ['to an offset past the end', ['--to-offset', '400'], '10'],
    ['back', ['--shift-by', '-3'], '7'],
    ['to a time', ['--to-datetime', '2020-01-01T00:00:00.000'], '0'],
    ['to a duration ago', ['--by-duration', 'PT1H'], '0'],
    ['to the end', ['--to-latest'], '10'],
  ] as const)('are reset %s, as Kafka shows', async (_name, to, offset) => {
    const group = await readGroup();
    const before = await commitsByTool('primary', group);
    expect(await kmk(['group', 'reset', group, '--all-topics', ...to])).toMatchObject({ exitCode: 7 });
    expect(await document('group', 'reset', group, '--all-topics', ...to, '--dry-run')).toMatchObject({
      committed: false,
    });
    expect(await commitsByTool('primary', group)).toEqual(before);
    const done = (await document('group', 'reset', group, '--all-topics', ...to, '--yes')) as GroupResetDocument;
    expect(done).toMatchObject({ cluster: 'primary', group, committed: true });
    expect(done.partitions.map((at) => [at.previous, at.offset])).toEqual([0, 1, 2].map(() => ['10', offset]));
    expect(await commitsByTool('primary', group)).toEqual(everywhere(offset));
  });

  it('are reset on some partitions only, and get a first commit where a topic is named', async () => {
    const group = unique('first');
    await document('group', 'reset', '--group', group, '-t', `${topic}:0,2`, '--to-offset', '5', '--yes');
    expect(await commitsByTool('primary', group)).toEqual({ [`${topic}-0`]: '5', [`${topic}-2`]: '5' });
  });

  it('with members are left alone', async () => {
    const group = unique('busy');
    const member = startKafkaTool(
      'consumer.ConsoleConsumer',
      ...['--bootstrap-server', labCluster('primary').bootstrap, '--topic', topic, '--group', group],
    );
    try {
      await eventually('the member', async () => {
        const { on } = (await document('group', 'describe', group).catch(() => ({ on: [] }))) as GroupDocument;
        return on.some(({ members }) => members.length === 1) ? true : undefined;
      });
      const run = await kmk(['group', 'reset', group, '-t', topic, '--to-earliest', '--yes']);
      expect(run).toMatchObject({ exitCode: 7, stdout: '' });
      expect(run.stderr).toContain('has 1 live members on "primary"');
    } finally {
      member.kill('SIGKILL');
    }
  });

  it.each([
    [['group', 'describe', 'no-such-group'], 5],
    [['group', 'reset', 'no-such-group', '--all-topics', '--to-latest', '--yes'], 5],
    [['group', 'reset', 'g', '-t', 'no-such-topic', '--to-latest', '--yes'], 5],
    [['group', 'reset', 'g', '-t', 'heartbeats:7', '--to-latest', '--yes'], 2],
    [['group', 'reset', 'g', '-t', 'heartbeats', '--shift-by', '1', '--yes'], 2],
    [['offsets', 'show', '-g', 'no-such-group'], 5],
  ] as const)('%j ends with %i', async (argv, exitCode) => {
    expect(await kmk(argv)).toMatchObject({ exitCode, stdout: '' });
  });
});
