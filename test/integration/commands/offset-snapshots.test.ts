import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FlowStatus, OffsetsDocument } from '../../../src/domain/documents.ts';
import type { FlowsDocument, GroupDocument } from '../../../src/domain/listing-documents.ts';
import type { OffsetsSnapshot } from '../../../src/domain/offsets-snapshot.ts';
import { eventually, kafkaTool, startKafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin } from '../kafka/clients.ts';
import { commitsByTool, document, kmk, unique } from './kmk.ts';

/** Commits of a group as the broker wrote them into __consumer_offsets, read with Kafka's own consumer and formatter. */
async function commitsByFormatter(group: string): Promise<readonly string[]> {
  const text = await kafkaTool(
    'consumer.ConsoleConsumer',
    ...['--bootstrap-server', labCluster('dr').bootstrap, '--topic', '__consumer_offsets', '--from-beginning'],
    ...['--formatter', 'org.apache.kafka.tools.consumer.OffsetsMessageFormatter', '--timeout-ms', '4000'],
  );
  return text.split('\n').filter((line) => line.includes(`"group":"${group}"`));
}

async function checkpointConnector(): Promise<FlowStatus['connectors'][number] | undefined> {
  const { flows } = (await document('flow', 'list')) as FlowsDocument;
  return flows[0]?.connectors.find(({ type }) => type === 'checkpoint');
}

describe('positions kept', () => {
  const topic = unique('kept-offsets');
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kmk-snapshots-'));
    await document('topic', 'create', topic, '--cluster', 'dr', '--partitions', '3');
    await document('produce', '-t', topic, '--cluster', 'dr', '--messages', '30');
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  /** A group on `dr` at 4 and 6 of partitions 0 and 1, with a note and a leader epoch. */
  async function keptGroup(): Promise<string> {
    const group = unique('kept');
    await using admin = openAdmin('dr');
    await admin.commitOffsets(group, [
      { topic, partition: 0, offset: 4n, leaderEpoch: 0, metadata: 'a note' },
      { topic, partition: 1, offset: 6n },
    ]);
    return group;
  }
  const moved = (group: string) =>
    document('group', 'reset', group, '-t', topic, '--to-latest', '--cluster', 'dr', '--yes');

  it('are put back as they were, with notes and epochs, and those that were not there are gone', async () => {
    const group = await keptGroup();
    const kept = (await document('offsets', 'snapshot', '-g', group)) as OffsetsDocument;
    expect(kept.snapshot).toMatchObject({ cluster: 'dr', groups: 1, positions: 2 });
    const saved = JSON.parse(await readFile(kept.snapshot?.file ?? '', 'utf8')) as OffsetsSnapshot;
    expect(saved.groups[0]?.positions[0]).toEqual({
      ...{ topic, partition: 0, offset: '4', leaderEpoch: 0, metadata: 'a note' },
    });
    await moved(group);
    expect(await commitsByTool('dr', group)).toEqual({
      [`${topic}-0`]: '10',
      [`${topic}-1`]: '10',
      [`${topic}-2`]: '10',
    });
    const run = ['offsets', 'restore', '--snapshot', kept.snapshot?.runId ?? ''];
    expect(await kmk(run)).toMatchObject({ exitCode: 7, stdout: '' });
    expect(await document(...run, '--dry-run')).toMatchObject({
      committed: false,
      changes: [{}, {}, { offset: null }],
    });
    expect(await commitsByTool('dr', group)).toMatchObject({ [`${topic}-2`]: '10' });

    const before = await checkpointConnector();
    const done = (await document(...run, '--yes')) as OffsetsDocument;
    expect(done.changes?.map((at) => [at.partition, at.previous, at.offset])).toEqual([
      [0, '10', '4'],
      [1, '10', '6'],
      [2, '10', null],
    ]);
    expect(await commitsByTool('dr', group)).toEqual({ [`${topic}-0`]: '4', [`${topic}-1`]: '6' });
    expect(await checkpointConnector()).toEqual(before);
    expect((await commitsByFormatter(group)).findLast((line) => line.includes('"offset":4'))).toMatch(
      /"leaderEpoch":0.*"metadata":"a note"/,
    );
    expect(await document(...run, '--yes')).toMatchObject({ committed: true, changes: [] });
    // What it replaced was kept as well.
    await document('offsets', 'restore', '--snapshot', done.snapshot?.runId ?? '', '--yes');
    expect(await commitsByTool('dr', group)).toMatchObject({ [`${topic}-0`]: '10', [`${topic}-2`]: '10' });
  });

  it('of several groups are put back for those named only, from a file of the user', async () => {
    const [one, other] = [await keptGroup(), await keptGroup()];
    const file = join(dir, 'both.json');
    const snapshot = ['offsets', 'snapshot', '-g', one, '-g', other, '--cluster', 'dr', '--out', file];
    expect(await document(...snapshot)).toMatchObject({ snapshot: { file, groups: 2, positions: 4 } });
    expect(await kmk(snapshot)).toMatchObject({ exitCode: 7, stdout: '' });
    await moved(one);
    await moved(other);
    await document('offsets', 'restore', '--snapshot', file, '-g', other, '--yes');
    expect(await commitsByTool('dr', one)).toMatchObject({ [`${topic}-0`]: '10', [`${topic}-2`]: '10' });
    expect(await commitsByTool('dr', other)).toEqual({ [`${topic}-0`]: '4', [`${topic}-1`]: '6' });
  });

  it('are not put back under live members, nor on another cluster, nor in a topic created anew', async () => {
    const group = await keptGroup();
    const file = join(dir, 'refused.json');
    await document('offsets', 'snapshot', '-g', group, '--out', file);
    await moved(group);
    const restore = ['offsets', 'restore', '--snapshot', file, '--yes'];
    const { bootstrap } = labCluster('dr');
    const member = startKafkaTool(
      'consumer.ConsoleConsumer',
      ...['--bootstrap-server', bootstrap, '--topic', topic, '--group', group],
    );
    try {
      await eventually('the member', async () => {
        const { on } = (await document('group', 'describe', group)) as GroupDocument;
        return on.some(({ members }) => members.length === 1) ? true : undefined;
      });
      const run = await kmk(restore);
      expect(run).toMatchObject({ exitCode: 7, stdout: '' });
      expect(run.stderr).toContain(`consumer group "${group}" has 1 live members on "dr"`);
    } finally {
      const exited = new Promise((resolve) => member.once('exit', resolve));
      member.kill('SIGTERM');
      await exited;
    }
    const saved = JSON.parse(await readFile(file, 'utf8')) as OffsetsSnapshot;
    const foreign = join(dir, 'foreign.json');
    await writeFile(foreign, JSON.stringify({ ...saved, clusterId: 'AAAAAAAAAAAAAAAAAAAAAA' }));
    const other = await kmk(['offsets', 'restore', '--snapshot', foreign, '--yes']);
    expect(other).toMatchObject({ exitCode: 7, stdout: '' });
    expect(other.stderr).toContain('the snapshot is of another cluster "dr": AAAAAAAAAAAAAAAAAAAAAA, not ');

    const recreated = join(dir, 'recreated.json');
    await writeFile(recreated, JSON.stringify({ ...saved, topicIds: { [topic]: 'BBBBBBBBBBBBBBBBBBBBBB' } }));
    const partly = await kmk(['offsets', 'restore', '--snapshot', recreated, '--yes']);
    expect(partly.exitCode).toBe(9);
    expect(partly.stderr).toContain(`topic "${topic}" was deleted and created anew since`);
    expect(await commitsByTool('dr', group)).toEqual({ [`${topic}-0`]: '10', [`${topic}-1`]: '10' });
  });

  it.each([
    [['offsets', 'snapshot', '-g', 'no-such-group'], 5, 'group "no-such-group" does not exist'],
    [['offsets', 'snapshot', '--cluster', 'mars'], 2, 'unknown cluster "mars"'],
    [['offsets', 'snapshot', '--out', '/no/such/folder/x.json'], 3, 'can not be written: ENOENT'],
    [
      ['offsets', 'restore', '--snapshot', 'nowhere.json', '--yes'],
      3,
      'snapshot "nowhere.json" is neither a file nor a run',
    ],
    [
      ['offsets', 'restore', '--snapshot', 'package.json', '--yes'],
      3,
      'snapshot "package.json" is not a snapshot of offsets',
    ],
    [['offsets', 'restore', '--snapshot', 'README.md', '--yes'], 3, 'snapshot "README.md" is not JSON'],
    [['offsets', 'restore', '--yes'], 2, 'option --snapshot is required'],
  ] as const)('%j is refused', async (argv, exitCode, message) => {
    const run = await kmk(argv);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});
