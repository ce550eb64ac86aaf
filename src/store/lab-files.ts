import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { LabFiles } from '../app/ports/lab-files.ts';
import type { InternalUser } from '../domain/lab/properties.ts';
import { INTERNAL_USERS, SECRETS_FILE } from '../domain/lab/properties.ts';

/** Rendered files and credentials of a lab below `dir`. */
export function createLabFiles(dir: string): LabFiles {
  const secretsPath = join(dir, SECRETS_FILE);
  return {
    dir,
    async write(files) {
      for (const file of files) {
        const path = join(dir, file.path);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, file.content);
      }
    },
    read: (path) => readFile(join(dir, path), 'utf8').catch(() => null),
    async secrets() {
      const known = await readFile(secretsPath, 'utf8').catch(() => null);
      return parseSecrets(known ?? (await createSecrets(secretsPath)));
    },
  };
}

async function createSecrets(path: string): Promise<string> {
  const lines = INTERNAL_USERS.map((user) => `${user}.password=${randomBytes(18).toString('base64url')}`);
  const text = `${lines.join('\n')}\n`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
  return text;
}

function parseSecrets(text: string): Readonly<Record<InternalUser, string>> {
  const of = (user: InternalUser): string => new RegExp(`^${user}\\.password=(.*)$`, 'm').exec(text)?.[1] ?? '';
  return { kmk: of('kmk'), mm2: of('mm2') };
}
