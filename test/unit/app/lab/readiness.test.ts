import { describe, expect, it } from 'vitest';
import { refuseFailed } from '../../../../src/app/lab/readiness.ts';
import type { ServiceInfo, ServiceRuntime } from '../../../../src/app/ports/service-runtime.ts';
import { START_MARK } from '../../../../src/domain/lab/service-spec.ts';
import { fakeLab } from '../../../fakes/lab.ts';

const INFO: ServiceInfo = {
  ...{ name: 'primary-broker-1', kind: 'broker', cluster: 'primary', endpoint: '127.0.0.1:9092' },
  ...{ state: 'running', unhealthy: false, log: 'docker logs kmk-primary-broker-1-1', specHash: '' },
};
const LOG = [
  `${START_MARK} with pid 1`,
  'ERROR of an earlier start',
  `${START_MARK} with pid 2`,
  'starting',
  'ERROR now',
];

async function refused(change: Partial<ServiceInfo>, log = LOG, names = ['primary-broker-1']): Promise<unknown> {
  const runtime = {
    list: () => Promise.resolve([{ ...INFO, ...change }]),
    tail: () => Promise.resolve(log),
  } as Partial<ServiceRuntime> as ServiceRuntime;
  return refuseFailed({ ...fakeLab(), runtime }, names).catch((error: unknown) => error);
}

describe('a service that is waited for', () => {
  it('is no failure while it runs, whether or not it answers yet, nor is one that nobody waits for', async () => {
    expect(await refused({})).toBeUndefined();
    expect(await refused({ state: 'stopped' })).toBeUndefined();
    expect(await refused({ state: 'exited' }, LOG, ['dr-broker-1'])).toBeUndefined();
  });

  it.each([
    [{ state: 'exited' }, 'KMK_SERVICE_EXITED', 'service "primary-broker-1" stopped by itself'],
    [{ unhealthy: true }, 'KMK_SERVICE_UNHEALTHY', 'service "primary-broker-1" is unhealthy'],
  ] as const)('fails with the last words of its last start: %j', async (change, code, message) => {
    expect(await refused(change)).toMatchObject({
      ...{ code, kind: 'dependency', message },
      hints: ['It said: ERROR now', `Its log is "${INFO.log}".`],
    });
  });

  it('fails with what it says of the disk or a port', async () => {
    const disk = [...LOG, 'java.io.IOException: No space left on device'];
    expect(await refused({ state: 'exited' }, disk)).toMatchObject({ code: 'KMK_ENV_DISK' });
    const port = [...LOG, 'java.net.BindException: Address already in use'];
    expect(await refused({ state: 'exited' }, port)).toMatchObject({ code: 'KMK_ENV_PORT_TAKEN' });
  });
});
