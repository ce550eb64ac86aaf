import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ComposeDocument } from './compose-schema.ts';

/** In the lab's folder. */
export const COMPOSE_FILE = 'docker-compose.yml';

/** docker-compose.yml as the runtime carries it out. */
export interface ComposeFile extends ComposeDocument {
  readonly path: string;
}

/** Reads the rendered file; its parser is loaded only now. */
export async function readComposeFile(path: string): Promise<ComposeFile> {
  const { parseCompose } = await import('./compose-schema.ts');
  return { ...parseCompose(await readFile(path, 'utf8')), path };
}

/** Where a mount's source lies on this machine. */
export function sourcePath(compose: ComposeFile, source: string): string {
  return resolve(dirname(compose.path), source);
}

/** Changes when anything that matters to a running container does: the service itself, or a file it mounts. */
export async function configHash(compose: ComposeFile, name: string): Promise<string> {
  const definition = compose.services[name];
  const hash = createHash('sha256').update(JSON.stringify(definition));
  for (const mount of definition?.volumes ?? []) {
    if (mount.type === 'bind') await addContent(hash, sourcePath(compose, mount.source));
  }
  return hash.digest('hex');
}

async function addContent(hash: ReturnType<typeof createHash>, path: string): Promise<void> {
  const entry = await stat(path).catch(() => null);
  if (entry?.isDirectory() === true) {
    for (const name of (await readdir(path)).sort()) await addContent(hash, join(path, name));
  } else {
    hash.update(`${path}\n`).update(entry === null ? '' : await readFile(path));
  }
}
