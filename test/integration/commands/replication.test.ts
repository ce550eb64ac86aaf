import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { PerfDocument } from '../../../src/app/perf/perf.ts';
import type { FlowStatus, OffsetsDocument, VerifyDocument } from '../../../src/domain/documents.ts';
import type { FlowDocument, FlowsDocument } from '../../../src/domain/listing-documents.ts';
import { kcat } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { document, endsByTool, kmk, unique } from './kmk.ts';

const FLOW = 'primary:dr';

describe('a flow', () => {
  afterEach(async () => {
    await document('flow', 'resume', FLOW);
  });
  const state = async (): Promise<FlowStatus['state'] | undefined> =>
    ((await document('flow', 'list')) as FlowsDocument).flows[0]?.state;

  it.each([
    ['pause', 'paused'],
    ['stop', 'stopped'],
  ] as const)('copies nothing after %s and goes on after resume', async (action, expected) => {
    const topic = unique(action);
    await document('produce', '-t', topic, '--messages', '3');
    const copy = `primary.${topic}`;
    await document('consume', '-t', copy, '--cluster', 'dr', '--messages', '3');
    expect(await kmk(['flow', action])).toMatchObject({ exitCode: 7 });
    await document('flow', action, FLOW, '--yes');
    expect(await state()).toBe(expected);
    await document('produce', '-t', topic, '--messages', '3');
    const { flow, partitions } = (await document('flow', 'describe', FLOW)) as FlowDocument;
    expect(flow.state).toBe(expected);
    expect(partitions?.filter((at) => at.topic === topic).map(({ lag }) => lag)).toEqual([1, 1, 1]);
    expect(Object.values(await endsByTool('dr', copy))).toEqual(['1', '1', '1']);
    await document('flow', 'resume', 'primary->dr');
    expect(await state()).toBe('running');
    await document('consume', '-t', copy, '--cluster', 'dr', '--messages', '6');
  });

  it('runs after a restart, also when it was stopped', async () => {
    await document('flow', 'restart', '--yes');
    expect(await state()).toBe('running');
    await document('flow', 'stop', '--yes');
    await document('flow', 'restart', '--yes');
    expect(await state()).toBe('running');
  });

  it('of another name is a usage error that helps', async () => {
    const run = await kmk(['flow', 'describe', 'primary-']);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain('Did you mean "primary:dr"?');
  });
});

describe('verify', () => {
  it('passes when everything has crossed, and shows positions that are not ahead', async () => {
    const [topic, group] = [unique('whole'), unique('reader')];
    await document('produce', '-t', topic, '--messages', '300');
    await document('consume', '-t', topic, '-g', group, '--messages', '120');
    const verified = (await document('verify', '-t', topic, '-g', group)) as VerifyDocument;
    expect(verified.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(verified.topics).toEqual([
      {
        topic,
        remoteTopic: `primary.${topic}`,
        partitions: [0, 1, 2].map((partition) => ({ partition, source: 100, target: 100 })),
      },
    ]);
    const { groups } = (await document('offsets', 'show', '-g', group)) as OffsetsDocument;
    expect(groups.map((shown) => shown.group)).toEqual([group]);
    for (const { verdict, best, committed } of groups[0]?.partitions ?? []) {
      expect(['behind', 'exact']).toContain(verdict);
      expect(BigInt(best ?? -1)).toBeLessThanOrEqual(BigInt(committed ?? 0));
    }
  });

  it('counts records where transactions make log ends differ', async () => {
    const topic = unique('marked');
    await document('topic', 'create', topic, '--partitions', '1');
    const { bootstrap } = labCluster('primary');
    const transaction = ['-X', `transactional.id=${topic}`];
    await kcat(['-b', bootstrap, '-P', '-t', topic, ...transaction], 'one\ntwo\n');
    expect(await endsByTool('primary', topic)).toEqual({ 0: '3' });
    const { checks, topics } = (await document('verify', '-t', topic, '--timeout', '6s')) as VerifyDocument;
    expect(checks.find(({ id }) => id === 'counts.equal')).toMatchObject({ verdict: 'pass' });
    expect(topics[0]?.partitions).toEqual([{ partition: 0, source: 2, target: 2 }]);
  });

  it('fails when the copy holds what its original does not', async () => {
    const topic = unique('forged');
    await document('produce', '-t', topic, '--messages', '3');
    const copy = `primary.${topic}`;
    await document('consume', '-t', copy, '--cluster', 'dr', '--messages', '3');
    const { stderr } = await kmk(['produce', '-t', copy, '--cluster', 'dr', '--messages', '1', '--partition', '0']);
    expect(stderr).toContain('looks like a copy of a topic of "primary"');
    const run = await kmk(['verify', '-t', topic]);
    expect(run.exitCode).toBe(6);
    expect(run.stdout).toContain(`${topic}-0 has 1, its copy 2: 1 too many`);
    expect(run.stderr).toContain('checks failed: counts.equal');
    await document('topic', 'delete', topic, '--yes');
  });

  it('fails when partitions and settings differ, while nothing makes them equal', async () => {
    const topic = unique('unlike');
    await document('flow', 'stop', '--yes');
    try {
      await document('topic', 'create', topic, '--topic-config', 'retention.ms=3600000');
      await document('topic', 'create', `primary.${topic}`, '--cluster', 'dr', '--partitions', '2');
      const { exitCode, stdout } = await kmk(['verify', '-t', topic, '--timeout', '5s', '-o', 'json']);
      const { checks } = JSON.parse(stdout) as VerifyDocument;
      expect(exitCode).toBe(6);
      expect(Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]))).toMatchObject({
        'flow.running': 'inconclusive',
        'topics.present': 'pass',
        'partitions.equal': 'fail',
        'configs.equal': 'fail',
      });
    } finally {
      await document('topic', 'delete', topic, '--yes');
      await document('topic', 'delete', `primary.${topic}`, '--cluster', 'dr', '--yes');
      await document('flow', 'resume');
    }
    expect(await kmk(['verify', '-t', topic])).toMatchObject({ exitCode: 5 });
  });
});

describe('perf', () => {
  it("measures with Kafka's own producer and MM2", async () => {
    const measured = (await document('perf', '--records', '3000', '--size', '200')) as PerfDocument;
    expect(measured).toMatchObject({ cluster: 'primary', topic: 'kmk-perf', records: 3000, size: 200 });
    expect(measured.produce.recordsPerSecond).toBeGreaterThan(0);
    expect(measured.replication).toMatchObject({ flow: 'primary->dr', drained: true });
    expect(measured.replication?.lag.at(-1)?.lagRecords).toBe(0);
  });
});

describe('logs', () => {
  it('lists the services, prints the last lines, and follows', async () => {
    expect((await kmk(['logs'])).stdout).toMatch(/^SERVICE +STATE +LOG\ndr-broker-1 +running +.*dr-broker-1\.log\n/);
    const last = await kmk(['logs', 'dr-broker-1', '--lines', '4']);
    expect(last.stdout.split('\n')).toHaveLength(5);
    const wrong = await kmk(['logs', 'dr-conect']);
    expect(wrong).toMatchObject({ exitCode: 2, stdout: '' });
    expect(wrong.stderr).toContain('Did you mean "dr-connect"?');
    const signals = new EventEmitter();
    const following = kmk(['logs', 'dr-connect', '--follow', '-n', '1'], { signals });
    await document('flow', 'restart', '--yes');
    signals.emit('SIGINT');
    const { exitCode, stdout } = await following;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('MirrorSourceConnector');
  });
});

describe('with a lab', () => {
  it('doctor knows its ports, render takes them, report is made from its runs', async () => {
    const examined = (await document('doctor')) as { checks: { id: string; finding: string; message: string }[] };
    expect(examined.checks.filter(({ finding }) => finding === 'missing')).toEqual([]);
    expect(examined.checks.find(({ id }) => id === 'lab')?.message).toBe(
      `"${process.env['KMK_TEST_PROJECT']}" with 3 services`,
    );
    const { bootstrap } = labCluster('primary');
    expect((await kmk(['render', 'compose'])).stdout).toContain(bootstrap.replace('127.0.0.1:', ''));
    expect((await kmk(['report', '--format', 'md'])).stdout).toMatch(/^# /);
    expect((await kmk(['report'])).stdout).toMatch(/report\.html\n$/);
  });
});
