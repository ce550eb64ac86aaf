import { describe, expect, it } from 'vitest';
import { refuseLeased, withLease } from '../../../../src/app/state/lease.ts';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import type { OutgoingRecord } from '../../../../src/app/ports/record-client.ts';
import type { Lease, StateEntries } from '../../../../src/domain/cluster-state.ts';
import { EPOCH_KEY, LEASE_KEY, LEASE_MS, planKey } from '../../../../src/domain/cluster-state.ts';
import { fakeLab } from '../../../fakes/lab.ts';

/** What a kmk of another machine has left on a cluster, so long ago. */
function leftBehind(ageMs: number, withPlan: boolean) {
  const lab = fakeLab();
  const renewedAtMs = lab.tools.clock.now() - ageMs;
  const lease: Lease = {
    ...{ schema: 'kmk.lease/v1', id: 'abc', host: 'elsewhere', pid: 7, startTime: '1', state: 'of another directory' },
    ...{ command: 'switchover', runId: 'run', renewedAtMs, expiresAtMs: renewedAtMs + LEASE_MS },
  };
  const plan: readonly (readonly [string, unknown])[] = withPlan ? [[planKey('run'), {}]] : [];
  const entries: StateEntries = new Map<string, unknown>([[LEASE_KEY, lease], ...plan]);
  return { lab, entries };
}

describe('refuseLeased', () => {
  it.each([
    ['while its owner renews it, plan or none', 0, false, 'works on these clusters'],
    ['once it has run out over a plan that somebody must go on with', LEASE_MS + 1, true, 'kmk resume --break-lock'],
  ])('refuses a lease %s', async (_, ageMs, withPlan, told) => {
    const { lab, entries } = leftBehind(ageMs, withPlan);
    const refused = refuseLeased(lab, entries);
    await expect(refused).rejects.toMatchObject({ code: 'KMK_LOCKED' });
    const error = (await refused.catch((thrown: unknown) => thrown)) as { message: string; hints: readonly string[] };
    expect(`${error.message} ${error.hints.join(' ')}`).toContain(told);
  });

  it('takes one that has run out without a plan for free: nothing could go on with it', async () => {
    const { lab, entries } = leftBehind(LEASE_MS + 1, false);
    await expect(refuseLeased(lab, entries)).resolves.toBeUndefined();
  });
});

/** A cluster that holds these entries and takes changes of them. */
function clusterWith(entries: ReadonlyMap<string, unknown>) {
  const changes: OutgoingRecord[] = [];
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const admin = {
    logRanges: () => Promise.resolve([{ topic: '__kmk_state', partition: 0, start: 0n, end: 1n }]),
    readPartition: (_: unknown, each: (record: { key: Uint8Array; value: Uint8Array }) => void) => {
      for (const [key, value] of entries) each({ key: bytes(key), value: bytes(JSON.stringify(value)) });
      return Promise.resolve({ next: 1n });
    },
    transact: async (_: unknown, work: () => Promise<readonly OutgoingRecord[]>) => {
      changes.push(...(await work()));
    },
  } as unknown as KafkaAdmin;
  return { admin, changes };
}

describe('withLease', () => {
  const request = { home: 'dr', command: 'failover', runId: 'run', breakLock: false };
  const { signal } = new AbortController();

  it.each([
    ['a later epoch', { epoch: 2, active: 'dr' }],
    ['the same epoch with another active cluster', { epoch: 1, active: 'dr' }],
  ])('does nothing, and writes nothing, where the cluster was told of %s', async (_, told) => {
    const record = { schema: 'kmk.epoch/v1', project: 'kmk', at: '2026-01-01T00:00:00.000Z', ...told };
    const { admin, changes } = clusterWith(new Map([[EPOCH_KEY, record]]));
    const lab = fakeLab();
    const worked: string[] = [];
    const work = withLease(
      { ...lab, tools: { ...lab.tools, admin: () => Promise.resolve(admin) } },
      request,
      signal,
      () => Promise.resolve(worked.push('work')),
    );
    await expect(work).rejects.toMatchObject({ code: 'KMK_SPLIT_BRAIN_RISK' });
    expect([worked, changes]).toEqual([[], []]);
  });

  it('works where the cluster knows of nothing newer', async () => {
    const record = { schema: 'kmk.epoch/v1', project: 'kmk', at: '', epoch: 1, active: 'primary' };
    const { admin, changes } = clusterWith(new Map([[EPOCH_KEY, record]]));
    const lab = fakeLab();
    const using = { ...lab, tools: { ...lab.tools, admin: () => Promise.resolve(admin) } };
    await expect(withLease(using, request, signal, () => Promise.resolve('done'))).resolves.toBe('done');
    expect(changes[0]?.key).toBe(LEASE_KEY);
  });
});
