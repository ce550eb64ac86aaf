import { readFile, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SNAPSHOT_FILE } from '../app/offsets/snapshot-offsets.ts';
import type { RunStore } from '../app/ports/run-store.ts';
import { pickRun } from '../app/report/pick-run.ts';
import { KmkError } from '../domain/errors.ts';
import type { OffsetsSnapshot } from '../domain/offsets-snapshot.ts';
import { parseSnapshot } from '../domain/offsets-snapshot.ts';

/**
 * The snapshot in a file, or in the folder of a run named by its id or an unmistakable end of it. Throws KMK_CONFIG_FILE,
 * KMK_CONFIG_INVALID.
 */
export async function readSnapshot(store: RunStore, cwd: string, name: string): Promise<OffsetsSnapshot> {
  const path = resolve(cwd, name);
  const inFile = await readFile(path, 'utf8').catch(() => null);
  if (inFile !== null) return parseSnapshot(inFile, name);
  const runId = await pickRun(store, name).catch(() => null);
  if (runId === null || (await exists(path))) throw unreadable(`snapshot "${name}" is neither a file nor a run`);
  const ofRun = await store.readRunFile(runId, SNAPSHOT_FILE);
  if (ofRun === null) throw unreadable(`run "${runId}" kept no snapshot of offsets`);
  return parseSnapshot(ofRun, name);
}

/** Writes the snapshot to a file of the user's. Throws KMK_EXISTS rather than overwrite, KMK_CONFIG_FILE. */
export async function writeSnapshot(cwd: string, name: string, snapshot: OffsetsSnapshot): Promise<string> {
  const path = resolve(cwd, name);
  try {
    await writeFile(path, `${JSON.stringify(snapshot, null, 2)}\n`, { flag: 'wx' });
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw fileExists(name);
    throw new KmkError('KMK_CONFIG_FILE', `snapshot file "${name}" can not be written: ${code ?? String(error)}`, {
      hints: ['Name a file in a folder that exists.'],
      cause: error,
    });
  }
}

/** Throws KMK_EXISTS where `writeSnapshot` would. */
export async function refuseExisting(cwd: string, name: string): Promise<void> {
  if (await exists(resolve(cwd, name))) throw fileExists(name);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function fileExists(name: string): KmkError {
  return new KmkError('KMK_EXISTS', `file "${name}" exists`, {
    hints: ['A snapshot is never overwritten: name another file, or move that one away.'],
    context: { file: name },
  });
}

function unreadable(message: string): KmkError {
  return new KmkError('KMK_CONFIG_FILE', message, {
    hints: ['Make one with `kmk offsets snapshot`, which names its run.'],
  });
}
