import type { Machine } from '../app/ports/machine.ts';
import { inspectMachine } from '../runtime/local/machine.ts';
import { lockHolder } from '../store/state-lock.ts';

/** The machine that kmk runs on, and the lock of that state directory. */
export function openMachine(env: NodeJS.ProcessEnv, stateDir: string): Machine {
  return { ...inspectMachine(env), lockHolder: () => lockHolder(stateDir) };
}
