import { describe, expect, it } from 'vitest';
import { refuseLeased } from '../../../../src/app/state/lease.ts';
import type { Lease, StateEntries } from '../../../../src/domain/cluster-state.ts';
import { LEASE_KEY, LEASE_MS, planKey } from '../../../../src/domain/cluster-state.ts';
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
