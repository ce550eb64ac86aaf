import type { Setup } from '../../domain/setup.ts';
import type { Machine } from '../ports/machine.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { DoctorCheck } from './check.ts';
import { javaCheck, jarsCheck, nodeCheck } from './program-checks.ts';
import { labChecks, lockCheck } from './lab-checks.ts';
import { portsCheck } from './ports-check.ts';
import { diskCheck, dockerCheck, filesCheck, foldersCheck, memoryCheck } from './resource-checks.ts';

export interface DoctorDocument {
  readonly schema: 'kmk.doctor/v1';
  readonly ready: boolean;
  readonly checks: readonly DoctorCheck[];
}

/** Looks at everything that a lab of this setup needs here. Changes nothing; a check that fails is a finding. */
export async function examine(machine: Machine, tools: Toolbox, setup: Setup): Promise<DoctorDocument> {
  const { stateDir } = tools.store;
  const looked = await Promise.all([
    javaCheck(machine),
    jarsCheck(machine, setup.kafka.version),
    foldersCheck(machine, stateDir),
    diskCheck(machine, stateDir),
    memoryCheck(machine, setup),
    filesCheck(machine),
    portsCheck(machine, tools, setup),
    lockCheck(machine),
    labChecks(tools, setup),
    dockerCheck(machine),
  ]);
  const checks = [nodeCheck(machine), ...looked.flat()];
  return { schema: 'kmk.doctor/v1', ready: !checks.some(({ finding }) => finding === 'missing'), checks };
}
