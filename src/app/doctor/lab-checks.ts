import { KmkError } from '../../domain/errors.ts';
import type { Setup } from '../../domain/setup.ts';
import { bothRuntimes } from '../deploy/destroy.ts';
import { findLab } from '../lab/lab.ts';
import type { Machine } from '../ports/machine.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { DoctorCheck } from './check.ts';

export async function lockCheck(machine: Machine): Promise<DoctorCheck> {
  const holder = await machine.lockHolder();
  const id = 'lock';
  if (holder === null) return { id, finding: 'ok', message: 'nobody works on the state directory', hint: null };
  const who = `\`kmk ${holder.command}\` (pid ${holder.pid})`;
  return holder.alive
    ? { id, finding: 'info', message: `${who} is at work`, hint: null }
    : { id, finding: 'info', message: `${who} died and left a lock, which the next command takes over`, hint: null };
}

/** What runs here, and what an interrupted command or a crash left. */
export async function labChecks(tools: Toolbox, setup: Setup): Promise<readonly DoctorCheck[]> {
  const id = 'lab';
  try {
    const lab = await findLab(tools);
    const runtimes =
      lab === null ? bothRuntimes(tools, { project: setup.name, kafkaVersion: setup.kafka.version }) : [lab.runtime];
    const services = (await Promise.all(runtimes.map((runtime) => runtime.list()))).flat();
    if (lab === null) {
      if (services.length === 0) return [{ id, finding: 'ok', message: 'nothing is deployed here', hint: null }];
      const names = services.map(({ name }) => name).join(', ');
      const message = `left over without a lab record: ${names}`;
      return [{ id, finding: 'warning', message, hint: 'Run `kmk destroy --yes` to remove them.' }];
    }
    const down = services.filter(({ state }) => state === 'exited' || state === 'frozen');
    if (down.length === 0) {
      const message = `"${lab.record.project}" with ${services.length} services`;
      return [{ id, finding: 'ok', message, hint: null }];
    }
    const message = `not as they should be: ${down.map(({ name, state }) => `${name} (${state})`).join(', ')}`;
    return [{ id, finding: 'warning', message, hint: `See why with \`kmk logs ${down[0]?.name ?? ''}\`.` }];
  } catch (error) {
    if (!KmkError.is(error)) throw error;
    return [{ id, finding: 'warning', message: error.message, hint: error.hints[0] ?? null }];
  }
}
