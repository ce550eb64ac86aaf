import { describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import { watch } from '../../../../src/app/watch/watch.ts';
import type { FailoverDocument } from '../../../../src/domain/documents.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import type { WatchDocument } from '../../../../src/domain/watch/document.ts';
import { labRecord } from '../../../fakes/lab.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';
import { watchDocument } from '../../../fakes/watch-document.ts';

const CHECKS = 3;
/** Every second a heartbeat is written on the primary and crosses at once, as long as MM2 reaches it. */
const HEARTBEAT_MS = 1000;

interface World {
  /** How long the primary takes to answer the n-th check of this watch, in ms; null: it does not. */
  readonly answers: (check: number) => number | null;
  /** Until which check heartbeats cross. */
  readonly heartbeatsUntil: number;
  /** How many witnesses see the primary up, and how many down. */
  readonly witnesses?: { readonly up: number; readonly down: number };
  readonly rounds: number;
  /** What becomes of a failover; it succeeds where nothing is said. */
  readonly failsWith?: KmkError;
  /** The first failover promotes the standby and then fails. */
  readonly breaksOnce?: boolean;
}

/** An armed watch of a lab that is nothing but its answers: what it made of each check, and how often it failed over. */
async function watched({ answers, heartbeatsUntil, witnesses = { up: 0, down: 0 }, rounds, ...world }: World) {
  const { failsWith, breaksOnce = false } = world;
  const over = new AbortController();
  const base = fakeToolbox();
  const { clock } = base;
  const documents: WatchDocument[] = [];
  let failovers = 0;
  let lastHeartbeat = clock.now();
  const check = (): number => documents.length + 1;
  const unreachable = (): Promise<never> => Promise.reject(new KmkError('KMK_KAFKA_UNREACHABLE', 'no broker answers'));
  const brokers = [{ id: 1, host: '', port: 1 }];
  const source: Partial<KafkaAdmin> = {
    describeCluster: () => {
      const ms = answers(check());
      if (ms === null) return unreachable();
      clock.advance(ms);
      return Promise.resolve({ clusterId: 'P', controllerId: 1, brokers });
    },
    listTopics: unreachable,
    listGroups: unreachable,
  };
  const target: Partial<KafkaAdmin> = {
    describeCluster: () => Promise.resolve({ clusterId: 'D', controllerId: 1, brokers }),
    logRanges: ([topic = '']) =>
      Promise.resolve(topic.endsWith('heartbeats') ? [{ topic, partition: 0, start: 0n, end: 1n }] : []),
    readPartition: ({ topic }, onRecord) => {
      if (check() <= heartbeatsUntil) lastHeartbeat = clock.now() - (clock.now() % HEARTBEAT_MS);
      onRecord({ topic, partition: 0, offset: 0n, timestampMs: lastHeartbeat, key: null, value: null, headers: [] });
      return Promise.resolve({ next: 1n });
    },
  };
  const tools = {
    ...base,
    runtime: () => ({ name: 'local' }) as never,
    admin: ({ alias }: { readonly alias: string }) => Promise.resolve((alias === 'dr' ? target : source) as KafkaAdmin),
  };
  await tools.store.saveLab(labRecord({ clusterIds: { primary: 'P', dr: 'D' } }));
  const urls = [...Array<string>(witnesses.up).fill('up'), ...Array<string>(witnesses.down).fill('down')];
  const ended = watch(
    tools,
    {
      checks: CHECKS,
      witnesses: urls,
      askWitness: (url) => {
        const primary = {
          alias: 'primary',
          role: 'active',
          clusterId: 'P',
          up: url === 'up',
          brokersUp: 0,
          brokers: 1,
        };
        const clusters = [primary as WatchDocument['clusters'][number]];
        return Promise.resolve(watchDocument({ at: new Date(clock.now()).toISOString(), clusters }));
      },
      failOver: async () => {
        failovers += 1;
        if (breaksOnce && failovers === 1) {
          const promotion = { from: 'primary', to: 'dr', at: '', runId: 'run', watermarks: [], mirrored: [] };
          const promoted = { active: 'dr', epoch: 2, promotion: { ...promotion, seeded: false, unfinished: true } };
          await tools.store.saveLab(labRecord({ clusterIds: { primary: 'P', dr: 'D' }, ...promoted }));
          throw new KmkError('KMK_PARTLY_DONE', 'no answer', { hints: ['Run `kmk resume` to go on.'] });
        }
        over.abort(new KmkError('KMK_INTERRUPTED', 'over'));
        if (failsWith !== undefined) throw failsWith;
        return { runId: 'run' } as FailoverDocument;
      },
      onCheck: (document) => {
        documents.push(document);
        if (documents.length >= rounds) over.abort(new KmkError('KMK_INTERRUPTED', 'over'));
      },
    },
    over.signal,
  );
  await expect(ended).rejects.toThrow('over');
  const warnings = tools.events.of('warning').map(({ text }) => text);
  return { documents, failovers, warnings, states: documents.map(({ state }) => state) };
}

const deadFrom = (from: number) => (check: number) => (check >= from ? null : 5);

describe('an armed watch', () => {
  it('fails over from a primary that nobody reaches', async () => {
    const { failovers, documents } = await watched({ answers: deadFrom(4), heartbeatsUntil: 3, rounds: 60 });
    expect(failovers).toBe(1);
    expect(documents.at(-1)).toMatchObject({ state: 'dead' });
    expect(documents.at(-1)?.failedChecks).toBeGreaterThanOrEqual(CHECKS);
  });

  it('says what is left to do where a failover is cut short, and that nothing was done where it is refused', async () => {
    const dead = { answers: deadFrom(4), heartbeatsUntil: 3, rounds: 60 };
    const hints = ['Look there.', 'Done so far: promote. Run `kmk resume` to go on.'];
    const partly = await watched({ ...dead, failsWith: new KmkError('KMK_PARTLY_DONE', 'no answer', { hints }) });
    expect(partly.warnings).toEqual([
      'the failover is partly done: no answer. Done so far: promote. Run `kmk resume` to go on.',
    ]);
    const refused = await watched({ ...dead, failsWith: new KmkError('KMK_LOCKED', 'locked') });
    expect(refused.warnings).toEqual(['the failover was not carried out: locked']);
  });

  it('goes on with a failover that had promoted the standby when it failed, after as many checks', async () => {
    const { failovers, states } = await watched({
      ...{ answers: deadFrom(4), heartbeatsUntil: 3, rounds: 60, breaksOnce: true },
    });
    expect(failovers).toBe(2);
    expect(states.slice(-CHECKS)).toEqual(Array(CHECKS).fill('failed-over'));
    expect(states.slice(0, -CHECKS)).not.toContain('failed-over');
  });

  it('looks again as soon as the last heartbeat is too old, not half a second later', async () => {
    const { documents } = await watched({ answers: deadFrom(4), heartbeatsUntil: 3, rounds: 60 });
    const [held, dead] = documents.slice(-2);
    expect([held?.state, dead?.state]).toEqual(['held', 'dead']);
    expect(dead?.flow.heartbeatAgeMs).toBe(2501);
  });

  it('does not, where only this watch is cut off: heartbeats still cross', async () => {
    const { failovers, states } = await watched({ answers: deadFrom(4), heartbeatsUntil: 999, rounds: 60 });
    expect(failovers).toBe(0);
    expect(new Set(states.slice(6))).toEqual(new Set(['held']));
  });

  it('does not, where this watch and MM2 are cut off, and half of all watches see the primary', async () => {
    const cutOff = { answers: deadFrom(4), heartbeatsUntil: 3, rounds: 60 };
    const half = await watched({ ...cutOff, witnesses: { up: 2, down: 1 } });
    expect(half).toMatchObject({ failovers: 0 });
    expect(half.documents.at(-1)?.reason).toBe('only 2 of 4 watches see the source down');
    await expect(watched({ ...cutOff, witnesses: { up: 1, down: 1 } })).resolves.toMatchObject({ failovers: 1 });
  });

  it('does not, from one that comes back before the last check, again and again, while no heartbeat crosses', async () => {
    const answers = (check: number): number | null => (check % CHECKS === 1 ? 5 : null);
    const { failovers, states } = await watched({ answers, heartbeatsUntil: 0, rounds: 90 });
    expect(failovers).toBe(0);
    expect(new Set(states)).toEqual(new Set(['healthy', 'suspect']));
  });

  it('does not, from one that is slow: an answer is one', async () => {
    const { failovers, states } = await watched({ answers: () => 3900, heartbeatsUntil: 0, rounds: 20 });
    expect(failovers).toBe(0);
    expect(new Set(states)).toEqual(new Set(['healthy']));
  });
});
