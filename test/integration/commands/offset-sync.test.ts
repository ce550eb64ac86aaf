import { afterEach, describe, expect, it } from 'vitest';
import type { FlowStatus, OffsetsDocument, PartitionOffsets } from '../../../src/domain/documents.ts';
import type { FlowsDocument, GroupDocument } from '../../../src/domain/listing-documents.ts';
import type { Progress } from '../../../src/index.ts';
import { syncOffsets } from '../../../src/index.ts';
import { eventually, kcat, startKafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin } from '../kafka/clients.ts';
import { commitsByTool, document, kmk, unique } from './kmk.ts';

async function checkpointConnector(): Promise<FlowStatus['connectors'][number] | undefined> {
  const { flows } = (await document('flow', 'list')) as FlowsDocument;
  return flows[0]?.connectors.find(({ type }) => type === 'checkpoint');
}

/** The value at an offset, as kcat reads it. */
async function valueAt(alias: 'primary' | 'dr', topic: string, offset: string): Promise<string> {
  const { bootstrap } = labCluster(alias);
  return kcat(['-b', bootstrap, '-C', '-t', topic, '-p', '0', '-o', offset, '-c', '1', '-e', '-q']);
}

const rowOf = ({ groups }: OffsetsDocument): PartitionOffsets | undefined => groups[0]?.partitions[0];

/** A topic of one partition whose 600 records have crossed, and a group of the source that stands at 259 of them. */
async function groupInMidLog(): Promise<{ readonly topic: string; readonly group: string }> {
  const [topic, group] = [unique('synced'), unique('synced')];
  await document('topic', 'create', topic, '--partitions', '1');
  await document('produce', '-t', topic, '--messages', '600');
  await document('consume', '-t', `primary.${topic}`, '--cluster', 'dr', '--messages', '600');
  await document('consume', '-t', topic, '-g', group, '--messages', '259');
  return { topic, group };
}

/** The position that MM2 itself commits on the target. */
function mm2Position(topic: string, group: string): Promise<bigint> {
  return eventually('the commit of MM2', async () => {
    await using admin = openAdmin('dr');
    return (await admin.groupOffsets(group)).find((at) => at.topic === `primary.${topic}`)?.offset;
  });
}

/** Waits until MM2 has written positions of a group made now: it has gone through all its groups since. */
async function mm2Synced(topic: string): Promise<void> {
  const group = unique('witness');
  await document('group', 'reset', group, '-t', topic, '--to-latest', '--yes');
  await mm2Position(topic, group);
}

describe('a sync', () => {
  afterEach(async () => {
    await document('flow', 'resume');
  });

  it('puts a group at the record that it would read next, and MM2 leaves it there', async () => {
    const { topic, group } = await groupInMidLog();
    const behind = await mm2Position(topic, group);
    expect(behind).toBeLessThan(259n);
    const before = await checkpointConnector();
    const sync = ['offsets', 'sync', '-g', group];
    expect(await kmk(sync)).toMatchObject({ exitCode: 7, stdout: '' });
    const planned = (await document(...sync, '--dry-run')) as OffsetsDocument;
    expect(planned).toMatchObject({ committed: false, changes: [{ cluster: 'dr', group, topic: `primary.${topic}` }] });
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: behind.toString() });

    const done = (await document(...sync, '--yes')) as OffsetsDocument;
    const row = rowOf(done);
    expect(row).toMatchObject({ committed: '259', verdict: 'exact', bound: 0, behindBy: 0 });
    expect(row?.exact).toBe(row?.targetCommitted);
    expect(done).toMatchObject({ committed: true, left: [] });
    expect(done.changes).toMatchObject([{ previous: behind.toString(), offset: row?.exact, proof: row?.proof }]);
    const at = row?.targetCommitted ?? '';
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: at });
    expect(await valueAt('dr', `primary.${topic}`, at)).toBe(await valueAt('primary', topic, '259'));
    expect(await checkpointConnector()).toEqual(before);

    // MM2 goes on from a lower position, which it never puts in the place of a higher one.
    await mm2Synced(topic);
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: at });
    expect(await document(...sync, '--yes')).toMatchObject({ changes: [] });

    await document('offsets', 'restore', '--snapshot', done.snapshot?.runId ?? '', '--yes');
    await mm2Synced(topic);
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: behind.toString() });
  });

  it.each([
    ['stop', 'STOPPED'],
    ['pause', 'PAUSED'],
  ] as const)(
    'after a flow %s leaves the connector %s, and its undo removes a group that was not there',
    async (action, state) => {
      const { topic } = await groupInMidLog();
      await document('flow', action, '--yes');
      const group = unique('absent');
      await document('group', 'reset', group, '-t', topic, '--to-offset', '100', '--yes');
      const done = (await document('offsets', 'sync', '-g', group, '-t', topic, '--yes')) as OffsetsDocument;
      expect(rowOf(done)).toMatchObject({ verdict: 'exact', exact: '100', targetCommitted: '100' });
      expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: '100' });
      expect((await checkpointConnector())?.state).toBe(state);
      await document('offsets', 'restore', '--snapshot', done.snapshot?.runId ?? '', '--yes');
      await using admin = openAdmin('dr');
      expect(await admin.describeGroup(group)).toMatchObject({ exists: false });
      expect((await checkpointConnector())?.state).toBe(state);
    },
  );

  it('that is interrupted while MM2 is quiet lets MM2 go on', async () => {
    const { topic, group } = await groupInMidLog();
    const behind = await mm2Position(topic, group);
    const before = await checkpointConnector();
    const stop = new AbortController();
    const onEvent = ({ event, data }: Progress): void => {
      if (event === 'connector.state' && data.state === 'STOPPED') stop.abort();
    };
    const config = process.env['KMK_TEST_CONFIG'] ?? '';
    const stateDir = process.env['KMK_TEST_STATE_DIR'] ?? '';
    const running = syncOffsets({ config, stateDir, groups: [group], signal: stop.signal, onEvent });
    await expect(running).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
    expect(await checkpointConnector()).toEqual(before);
    expect(await commitsByTool('dr', group)).toEqual({ [`primary.${topic}-0`]: behind.toString() });
  });

  it('is refused while the group has members on the target', async () => {
    const { topic, group } = await groupInMidLog();
    await mm2Position(topic, group);
    const before = await checkpointConnector();
    const { bootstrap } = labCluster('dr');
    const member = startKafkaTool(
      'consumer.ConsoleConsumer',
      ...['--bootstrap-server', bootstrap, '--topic', `primary.${topic}`, '--group', group],
      ...['--command-property', 'enable.auto.commit=false'],
    );
    try {
      await eventually('the member', async () => {
        const { on } = (await document('group', 'describe', group)) as GroupDocument;
        return on.some(({ cluster, members }) => cluster === 'dr' && members.length === 1) ? true : undefined;
      });
      const run = await kmk(['offsets', 'sync', '-g', group, '--yes']);
      expect(run).toMatchObject({ exitCode: 7, stdout: '' });
      expect(run.stderr).toContain(`consumer group "${group}" has 1 live members on "dr"`);
    } finally {
      const exited = new Promise((resolve) => member.once('exit', resolve));
      member.kill('SIGTERM');
      await exited;
    }
    expect(await checkpointConnector()).toEqual(before);
  });

  it.each([
    [['offsets', 'sync', '-g', 'no-such-group', '--yes'], 5, 'group "no-such-group" has no position on a topic'],
    [['offsets', 'sync', '-t', 'no-such-topic', '--yes'], 5, 'topic "no-such-topic" does not exist'],
    [['offsets', 'sync', '--cluster', 'primary', '--yes'], 7, 'no flow ends at "primary"'],
    [['offsets', 'sync', '--cluster', 'mars', '--yes'], 2, 'unknown cluster "mars"'],
  ] as const)('%j is refused', async (argv, exitCode, message) => {
    const run = await kmk(argv);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});
