import type { LabRecord } from '../../src/domain/lab/lab-record.ts';
import type { KmkLab } from './kmk-lab.ts';

/** How to reach a cluster of a lab as one whom no fence stops. */
export interface SuperUser {
  readonly bootstrap: string;
  readonly username: string;
  readonly password: string;
}

export async function superUserOf(lab: KmkLab, alias: string): Promise<SuperUser> {
  const { ports } = JSON.parse(await lab.read('lab/lab.json')) as LabRecord;
  const secrets = await lab.read('lab/secrets/internal.properties');
  const password = /^kmk\.password=(.*)$/m.exec(secrets)?.[1] ?? '';
  return { bootstrap: `127.0.0.1:${ports.brokers[alias]?.[0]?.internal ?? 0}`, username: 'kmk', password };
}

/** The same as options of kcat; the last `-b` is the one that it takes. */
export async function kcatAsSuperUser(lab: KmkLab, alias: string): Promise<readonly string[]> {
  const { bootstrap, username, password } = await superUserOf(lab, alias);
  const login = [`sasl.username=${username}`, `sasl.password=${password}`];
  const settings = ['security.protocol=SASL_PLAINTEXT', 'sasl.mechanisms=PLAIN', ...login];
  return ['-b', bootstrap, ...settings.flatMap((setting) => ['-X', setting])];
}
