import { stat } from 'node:fs/promises';

/** True when something is at the path and can be looked at. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
