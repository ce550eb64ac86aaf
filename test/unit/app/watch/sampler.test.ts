import { describe, expect, it } from 'vitest';
import type { Lab } from '../../../../src/app/lab/lab.ts';
import { forwardFlows, labOf } from '../../../../src/app/lab/lab.ts';
import { readSamples } from '../../../../src/app/offsets/sample-files.ts';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import { Sampler } from '../../../../src/app/watch/sampler.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { labRecord } from '../../../fakes/lab.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';

const IDS = { primary: 'P', dr: 'D' };

/** A lab whose clusters answer with what a sampler asks for, and note the order of the questions. */
async function sampledLab(groups: readonly string[], config: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const note = <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  const committed = { offset: 7n };
  const source: Partial<KafkaAdmin> = {
    listTopics: () => note('topics', ['orders']),
    topicIds: () => note('ids', new Map([['orders', 'one']])),
    listGroups: () =>
      note(
        'groups',
        groups.map((group) => ({ group, state: 'Stable', type: 'classic' as const, protocolType: 'consumer' })),
      ),
    groupOffsets: (group) =>
      group === 'lost'
        ? Promise.reject(new KmkError('KMK_KAFKA_REQUEST', 'no coordinator'))
        : note(`commits of ${group}`, [{ topic: 'orders', partition: 0, offset: committed.offset }]),
  };
  const target: Partial<KafkaAdmin> = {
    logRanges: () => note('checkpoints', [{ topic: 'c', partition: 0, start: 0n, end: 3n }]),
  };
  const tools = {
    ...fakeToolbox(),
    runtime: () => ({ name: 'local' }) as never,
    admin: ({ alias }: { readonly alias: string }) => Promise.resolve((alias === 'dr' ? target : source) as KafkaAdmin),
  };
  const record = labRecord({ clusterIds: IDS });
  await tools.store.saveLab(record);
  const lab: Lab = labOf(tools, record);
  const [known] = forwardFlows(lab);
  if (known === undefined) throw new Error('no flow');
  const flow = { ...known, config };
  const sampler = new Sampler();
  const round = async (): Promise<void> => {
    const before = asked.length;
    sampler.begin(lab, flow, null, AbortSignal.timeout(5000));
    sampler.begin(lab, flow, null, AbortSignal.timeout(5000));
    await expect.poll(() => asked.slice(before).filter((what) => what === 'ids').length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { asked, clock: tools.clock, committed, lab, flow, sampler, round };
}

describe('Sampler', () => {
  it('asks for the end of the checkpoints before the commits, and for the topics after them, one round at a time', async () => {
    const { asked, round } = await sampledLab(['billing']);
    await round();
    expect(asked).toEqual(['checkpoints', 'groups', 'commits of billing', 'topics', 'ids']);
  });

  it('keeps what it has seen twice where the next command finds it, and loses nothing for one group that fails', async () => {
    const { lab, flow, round, sampler } = await sampledLab(['billing', 'lost']);
    await round();
    await round();
    const samples = await readSamples(lab, flow);
    expect(samples?.groups['billing']).toMatchObject({ checkpointsEnd: '3', offsets: { 'orders/0': '7' } });
    expect(sampler.summary(lab.tools.clock.now())).toMatchObject({ groups: 1, positions: 1 });
    const other = labOf(lab.tools, { ...lab.record, epoch: 2 });
    await expect(readSamples(other, flow)).resolves.toBeNull();
    const promotion = {
      from: flow.source,
      to: flow.target,
      mirrored: [],
      watermarks: [],
      at: '',
      runId: '',
      seeded: false,
    };
    const left = labOf(lab.tools, { ...lab.record, epoch: 2, promotion });
    await expect(readSamples(left, flow)).resolves.toEqual(samples);
  });

  it('remembers that a group went back until MM2 has read that, however seldom it reads', async () => {
    for (const [seconds, knownAfterMs] of [
      ['1', 59_000],
      ['300', 600_000],
    ] as const) {
      const intervals = {
        'emit.checkpoints.interval.seconds': seconds,
        'sync.group.offsets.interval.seconds': seconds,
      };
      const { clock, committed, lab, flow, round } = await sampledLab(['billing'], intervals);
      await round();
      await round();
      committed.offset = 3n;
      await round();
      clock.advance(knownAfterMs);
      await round();
      const samples = await readSamples(lab, flow);
      expect(Object.keys(samples?.groups['billing']?.lowered ?? {}), seconds).toEqual(['orders/0']);
    }
  });

  it('asks for all of many groups in turn', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `group-${String(index).padStart(3, '0')}`);
    const { asked, round } = await sampledLab(names);
    for (let turn = 0; turn < 3; turn += 1) await round();
    const commits = asked.filter((what) => what.startsWith('commits'));
    expect(commits).toHaveLength(3 * 64);
    expect(new Set(commits).size).toBe(150);
  });
});
