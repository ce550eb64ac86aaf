import type { Setup, StandbyWrites } from './setup.ts';

/**
 * Whether clients may write on a standby. They may not unless the setup says so: what nobody copies back is lost at the
 * next failback. Labs deployed before this key existed have none: refused.
 */
export function standbyWrites({ standby }: Pick<Setup, 'standby'>): StandbyWrites {
  return standby?.writes ?? 'refused';
}

/** Whether clients may write on every cluster of the setup, active or not. */
export function standbyTakesWrites(setup: Pick<Setup, 'standby'>): boolean {
  return standbyWrites(setup) === 'allowed';
}
