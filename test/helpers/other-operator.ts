import { openLab } from '../../src/app/lab/lab.ts';
import { withLease } from '../../src/app/state/lease.ts';
import { openToolbox } from '../../src/composition/toolbox.ts';
import { LEASE_MS } from '../../src/domain/cluster-state.ts';
import { RecordingSink } from '../fakes/recording-sink.ts';
import type { KmkLab } from './kmk-lab.ts';

/**
 * Does something while a kmk of another machine, whose lease of a run nobody had renewed in time, has been followed by a
 * second one that broke it, as `kmk resume --break-lock` does. `home` is the cluster that keeps the lease.
 */
export async function withBrokenLease<T>(lab: KmkLab, home: string, work: () => Promise<T>): Promise<T> {
  await using tools = openToolbox({
    ...{ stateDir: lab.stateDir, kmkVersion: '0.0.0-test', env: process.env, events: new RecordingSink() },
    confirm: { confirm: () => Promise.resolve() },
  });
  const { clock, operator } = tools;
  const elsewhere = {
    ...tools,
    stateMark: () => 'another state directory',
    clock: { now: () => clock.now() + LEASE_MS + 1000, sleep: clock.sleep.bind(clock) },
    operator: { ...operator, me: async () => ({ ...(await operator.me()), host: 'the-second-site' }) },
  };
  const request = { home, command: 'resume', runId: 'elsewhere', breakLock: true };
  return await withLease(await openLab(elsewhere), request, new AbortController().signal, work);
}
