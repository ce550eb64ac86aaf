import { describe, expect, it } from 'vitest';
import { labSetup } from '../../../../scripts/examples.ts';
import { stopIdleWorker } from '../../../../src/app/failover/reverse-flow.ts';
import type { ServiceRuntime } from '../../../../src/app/ports/service-runtime.ts';
import type { Setup } from '../../../../src/domain/setup.ts';
import { fakeLab } from '../../../fakes/lab.ts';

async function stoppedWith(setup: Setup): Promise<readonly string[]> {
  const stopped: string[] = [];
  const runtime: Partial<ServiceRuntime> = { stop: (name) => Promise.resolve(void stopped.push(name)) };
  await stopIdleWorker({ ...fakeLab(setup), runtime: runtime as ServiceRuntime }, 'primary');
  return stopped;
}

describe('stopIdleWorker', () => {
  it('ends the worker of a way back, but none that runs a flow of the setup', async () => {
    const setup = labSetup();
    expect(await stoppedWith(setup)).toEqual(['primary-connect']);
    const [flow] = setup.replication.flows;
    if (flow === undefined) throw new Error('no flow');
    const flows = [flow, { ...flow, source: 'branch', target: 'primary' }];
    expect(await stoppedWith({ ...setup, replication: { ...setup.replication, flows } })).toEqual([]);
  });
});
