import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProjectRegistry } from '../app/ports/project-registry.ts';
import { KmkError } from '../domain/errors.ts';
import { takeLock } from './state-lock.ts';

interface Claim {
  readonly project: string;
  /** Real path. */
  readonly stateDir: string;
}

/**
 * A ProjectRegistry in a folder of the user's cache: `<name>.json` holds the state directory. A claim counts only while
 * that directory has a record of a lab of that project, so a removed folder or a lost cache never blocks anybody.
 */
export function createProjectRegistry(folder: string, stateDir: string): ProjectRegistry {
  const fileOf = (project: string): string => join(folder, `${encodeURIComponent(project)}.json`);
  const here = (): Promise<string> => realpath(stateDir).catch(() => stateDir);
  return {
    async claim(project) {
      const file = fileOf(project);
      await mkdir(dirname(file), { recursive: true });
      const lock = await takeLock(join(folder, 'lock'), { command: 'deploy', whenHeld: 'wait' });
      try {
        const own = await here();
        const claim = await readClaim(file);
        if (claim !== null && claim.stateDir !== own && (await holds(claim))) throw deployedElsewhere(claim, own);
        const aside = `${file}.${process.pid}.tmp`;
        await writeFile(aside, `${JSON.stringify({ project, stateDir: own } satisfies Claim)}\n`);
        await rename(aside, file);
      } finally {
        await lock[Symbol.asyncDispose]();
      }
    },
    async release(project) {
      const file = fileOf(project);
      if ((await readClaim(file))?.stateDir === (await here())) await rm(file, { force: true });
    },
  };
}

async function holds(claim: Claim): Promise<boolean> {
  const record = parse(await readFile(join(claim.stateDir, 'lab', 'lab.json'), 'utf8').catch(() => ''));
  return record?.['project'] === claim.project;
}

async function readClaim(file: string): Promise<Claim | null> {
  const { project, stateDir } = parse(await readFile(file, 'utf8').catch(() => '')) ?? {};
  return typeof project === 'string' && typeof stateDir === 'string' ? { project, stateDir } : null;
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function deployedElsewhere({ project, stateDir }: Claim, own: string): KmkError {
  return new KmkError('KMK_FOREIGN_PROJECT', `project "${project}" is deployed from "${stateDir}", not from "${own}"`, {
    hints: [
      `Run \`kmk destroy -p ${project} --state-dir ${stateDir}\` first, or deploy under another name with \`-p NAME\`.`,
    ],
    context: { project, stateDir },
  });
}
