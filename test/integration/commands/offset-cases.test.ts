import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OffsetsDocument, VerifyDocument } from '../../../src/domain/documents.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { eventually, kcat, kafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { clientOptions, openAdmin } from '../kafka/clients.ts';
import { commitsByTool, document, endsByTool, kmk, seed, unique } from './kmk.ts';

/** Records of partition 0 as kcat reads them. */
async function recordsOf(alias: 'primary' | 'dr', topic: string): Promise<readonly string[]> {
  const text = await kcat(['-b', labCluster(alias).bootstrap, '-C', '-t', topic, '-p', '0', '-e', '-q']);
  return text.trim().split('\n');
}

async function topicOf(prefix: string, records: number): Promise<string> {
  const topic = unique(prefix);
  await document('topic', 'create', topic, '--partitions', '1');
  await document('produce', '-t', topic, '--messages', String(records));
  await document('consume', '-t', `primary.${topic}`, '--cluster', 'dr', '--messages', String(records));
  return topic;
}

/** Waits until the copy ends there, as Kafka's own tool prints it. */
async function copyEndsAt(topic: string, end: string): Promise<void> {
  await eventually(
    `primary.${topic} at ${end}`,
    async () => {
      const ends = await endsByTool('dr', `primary.${topic}`).catch((): Record<string, string> => ({}));
      return ends['0'] === end ? true : undefined;
    },
    60_000,
  );
}

/** A commit that MM2 has carried to the target. */
async function carriedGroup(topic: string, offset: number): Promise<string> {
  const group = unique('case');
  await document('group', 'reset', group, '-t', topic, '--to-offset', String(offset), '--yes');
  await eventually('the commit of MM2', async () => {
    await using admin = openAdmin('dr');
    return (await admin.groupOffsets(group)).length > 0 ? true : undefined;
  });
  return group;
}

/** What `kmk verify` says of the topic's identity. */
async function identityOf(topic: string): Promise<{ verdict: string; message: string } | undefined> {
  const { stdout, stderr } = await kmk(['verify', '-t', topic, '-g', 'none', '--timeout', '8s', '-o', 'json']);
  const { checks } = JSON.parse(stdout) as Partial<VerifyDocument>;
  if (checks === undefined) throw new Error(`kmk verify gave ${stdout}${stderr}`);
  const found = checks.find(({ id }) => id === 'topics.identity');
  return found === undefined ? undefined : { verdict: found.verdict, message: found.message };
}

describe('positions where MM2', () => {
  it('has sent records again, as a worker killed in mid-batch does, pass no unread record and re-read none', async () => {
    const topic = await topicOf('again', 60);
    await document('flow', 'stop', '--yes');
    try {
      await seed(topic, 29);
    } finally {
      await document('flow', 'resume');
    }
    await copyEndsAt(topic, '90');
    const [original, copy] = [await recordsOf('primary', topic), await recordsOf('dr', `primary.${topic}`)];
    expect(copy).toEqual([...original, ...original.slice(30)]);
    for (const offset of [0, 10, 29, 30, 45, 59, 60]) {
      const at = ['--partition', '0', '--offset', String(offset)];
      const { groups } = (await document('offsets', 'translate', '-t', topic, ...at)) as OffsetsDocument;
      const exact = Number(groups[0]?.partitions[0]?.exact ?? Number.NaN);
      // The last copy of the first unread record.
      const wanted = offset === 60 ? 90 : copy.lastIndexOf(original[offset] ?? '');
      expect({ offset, exact }).toEqual({ offset, exact: wanted });
      const unread = original.slice(offset);
      expect(unread.filter((record) => !copy.slice(exact).includes(record))).toEqual([]);
    }
  });

  it('has written no syncs of the first records, as with more than ten under way, are proved by contents', async () => {
    const topic = unique('crowded');
    await document('topic', 'create', topic, '--partitions', '12');
    await using producer = createRecordProducer(clientOptions());
    await producer.send(
      topic,
      Array.from({ length: 240 }, (_, index) => ({ key: null, value: String(index), partition: index % 12 })),
    );
    await document('consume', '-t', `primary.${topic}`, '--cluster', 'dr', '--messages', '240');
    const group = unique('case');
    await document('group', 'reset', group, '-t', topic, '--to-offset', '1', '--yes');
    const { groups } = (await document('offsets', 'translate', '-g', group)) as OffsetsDocument;
    const found = groups.flatMap(({ partitions }) => partitions.map(({ committed, exact }) => [committed, exact]));
    expect(found).toEqual(Array.from({ length: 12 }, () => ['1', '1']));
  });

  it('has a copy that was deleted and created anew are void: nothing is written, and the reason is named', async () => {
    const topic = await topicOf('anew', 60);
    const group = await carriedGroup(topic, 40);
    const copy = `primary.${topic}`;
    await document('offsets', 'show', '-g', group);
    const { bootstrap } = labCluster('dr');
    await document('flow', 'stop', '--yes');
    try {
      await kafkaTool('TopicCommand', '--bootstrap-server', bootstrap, '--delete', '--topic', copy);
      await document('topic', 'create', copy, '--cluster', 'dr', '--partitions', '1');
      await document('group', 'reset', group, '-t', copy, '--to-earliest', '--cluster', 'dr', '--yes');
    } finally {
      await document('flow', 'resume');
    }
    await document('produce', '-t', topic, '--messages', '100');
    await copyEndsAt(topic, '100');
    await document('flow', 'stop', '--yes');
    try {
      const before = await commitsByTool('dr', group);
      const reason = `"${copy}" on "dr" was deleted and created anew`;
      const synced = (await document('offsets', 'sync', '-g', group, '--yes')) as OffsetsDocument;
      expect(synced).toMatchObject({ changes: [], left: [{ group, topic: copy, partition: 0, reason }] });
      for (const to of [['--to-checkpoint'], ['--to-exact'], ['--to-exact', '--accept-best']]) {
        const run = await kmk(['group', 'reset', group, '-t', copy, ...to, '--yes']);
        expect(run).toMatchObject({ exitCode: 7, stdout: '' });
        expect(run.stderr).toContain(reason);
      }
      const at = ['--partition', '0', '--offset', '40'];
      expect(await document('offsets', 'translate', '-t', topic, ...at)).toMatchObject({
        groups: [{ partitions: [{ exact: null, best: null, verdict: 'untranslatable', reason }] }],
      });
      expect(await commitsByTool('dr', group)).toEqual(before);
    } finally {
      await document('flow', 'resume');
    }
    expect(await identityOf(topic)).toEqual({
      verdict: 'fail',
      message: `"${copy}" on "dr" was deleted and created anew: positions in it may pass unread records`,
    });
    // A kmk that never saw the first copy tells by the syncs.
    await rm(join(process.env['KMK_TEST_STATE_DIR'] ?? '', 'lab', 'offsets', 'topics.json'));
    expect(await identityOf(topic)).toMatchObject({ verdict: 'fail' });
  });

  it('goes on in an original that was deleted and created anew, longer than before, the lost records are named', async () => {
    const topic = await topicOf('longer', 60);
    const { bootstrap } = labCluster('primary');
    expect(await identityOf(topic)).toMatchObject({ verdict: 'pass' });
    await document('flow', 'stop', '--yes');
    try {
      await kafkaTool('TopicCommand', '--bootstrap-server', bootstrap, '--delete', '--topic', topic);
      await document('topic', 'create', topic, '--partitions', '1');
      await document('produce', '-t', topic, '--messages', '100');
    } finally {
      await document('flow', 'resume');
    }
    // MM2 goes on at its old offset: 60 records of the new topic are never copied.
    await copyEndsAt(topic, '100');
    expect(await identityOf(topic)).toEqual({
      verdict: 'fail',
      message: `"${topic}" on "primary" was deleted and created anew: its first records may have no copy`,
    });
    const at = ['--partition', '0', '--offset', '70'];
    const { groups } = (await document('offsets', 'translate', '-t', topic, ...at)) as OffsetsDocument;
    expect(groups[0]?.partitions[0]).toMatchObject({ exact: null, best: null, verdict: 'untranslatable' });
  });
});
