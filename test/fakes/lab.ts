import { labSetup } from '../../scripts/examples.ts';
import type { Lab } from '../../src/app/lab/lab.ts';
import type { LabRecord } from '../../src/domain/lab/lab-record.ts';
import { layoutOf } from '../../src/domain/lab/layout.ts';
import type { ServiceRuntime } from '../../src/app/ports/service-runtime.ts';
import type { Setup } from '../../src/domain/setup.ts';
import { fakeToolbox } from './toolbox.ts';

/** What a deploy of the setup would have recorded. */
export function labRecord(overrides: Partial<LabRecord> = {}): LabRecord {
  const setup = overrides.setup ?? labSetup();
  return {
    ...{ version: 1, project: setup.name, runtime: 'local', kmkVersion: '0.0.0-test', setup, complete: true },
    deployedAt: '2026-01-02T03:04:05.000Z',
    ports: { brokers: {}, connect: { dr: 8083, primary: 8084 } },
    clusterIds: {},
    active: setup.active,
    epoch: 1,
    promotion: null,
    ...overrides,
  };
}

/** A lab whose clusters nobody reaches: for what only looks at its layout and record. */
export function fakeLab(setup: Setup = labSetup()): Lab {
  const record = labRecord({ setup });
  const layout = layoutOf(setup, record.ports, 'local');
  return { tools: fakeToolbox(), record, layout, runtime: { name: 'local' } as ServiceRuntime };
}
