import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KmkError } from '../domain/errors.ts';
import type { PlanDocument } from '../domain/plan/plan.ts';
import { parsePlan } from '../domain/plan/plan-file.ts';

/** Reads the file of `--plan`. Throws KMK_CONFIG_FILE, KMK_CONFIG_INVALID. */
export async function readPlan(cwd: string, name: string): Promise<PlanDocument> {
  const text = await readFile(resolve(cwd, name), 'utf8').catch((error: unknown) => {
    throw new KmkError('KMK_CONFIG_FILE', `plan file "${name}" can not be read: ${codeOf(error)}`, {
      hints: ['Make one with `--plan-out FILE`.'],
      cause: error,
    });
  });
  return parsePlan(text, name);
}

/** Writes the file of `--plan-out`. Throws KMK_CONFIG_FILE. */
export async function writePlan(cwd: string, name: string, plan: PlanDocument): Promise<void> {
  await writeFile(resolve(cwd, name), `${JSON.stringify(plan, null, 2)}\n`).catch((error: unknown) => {
    throw new KmkError('KMK_CONFIG_FILE', `plan file "${name}" can not be written: ${codeOf(error)}`, {
      hints: ['Name a file in a folder that exists.'],
      cause: error,
    });
  });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
