import type { LabPorts } from '../../domain/lab/ports.ts';
import { choosePorts } from '../../domain/lab/ports.ts';
import type { Setup } from '../../domain/setup.ts';
import { findLab } from '../lab/lab.ts';
import type { Machine } from '../ports/machine.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { DoctorCheck } from './check.ts';

/**
 * Only the first client port of a cluster has to be the one asked for; deploy goes round all others. A lab that is
 * deployed keeps the ports it has.
 */
export async function portsCheck(machine: Machine, tools: Toolbox, setup: Setup): Promise<readonly DoctorCheck[]> {
  const lab = await findLab(tools).catch(() => null);
  if (lab !== null) {
    const message = `${numbersOf(lab.record.ports).length} recorded for the lab here`;
    return [{ id: 'ports', finding: 'ok', message, hint: null }];
  }
  const taken: { readonly port: number; readonly what: string; readonly required: boolean }[] = [];
  let free = 0;
  await choosePorts(setup, async (preferred, { what, required }) => {
    // So far below every port that nothing is derived from it.
    if (preferred === null) return -1_000_000;
    if (await machine.isPortFree(preferred)) free += 1;
    else taken.push({ port: preferred, what, required });
    return preferred;
  });
  const found = taken.map(({ port, what, required }): DoctorCheck => {
    const message = `port ${port} for ${what} is taken`;
    return required
      ? {
          id: 'ports',
          finding: 'missing',
          message,
          hint: `Stop what listens there, or give the cluster another port (or "auto") in kmk.yaml.`,
        }
      : { id: 'ports', finding: 'info', message: `${message}, deploy will take another`, hint: null };
  });
  const rest: DoctorCheck = {
    id: 'ports',
    finding: 'ok',
    message: `${free} that deploy would take are free`,
    hint: null,
  };
  return found.length === 0 || free > 0 ? [...found, rest] : found;
}

function numbersOf({ brokers, connect, zookeeper = {} }: LabPorts): readonly number[] {
  const ofBrokers = Object.values(brokers).flatMap((list) =>
    list.flatMap(({ client, internal, controller }) => [
      client,
      internal,
      ...(controller === null ? [] : [controller]),
    ]),
  );
  return [...ofBrokers, ...Object.values(connect), ...Object.values(zookeeper)];
}
