import { KmkError } from '../domain/errors.ts';

/** Labs of drills run as JVM processes. Throws KMK_ENV_RUNTIME for Docker asked for by name. */
export function refuseDocker(choice: string): void {
  if (choice !== 'docker') return;
  throw new KmkError('KMK_ENV_RUNTIME', 'runtime "docker" cannot run drills', {
    hints: ['Give `--runtime local`.'],
  });
}
