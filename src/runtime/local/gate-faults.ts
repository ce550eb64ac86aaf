import { randomUUID } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Fault } from '../../domain/fault.ts';
import type { GateFaults } from '../../domain/lab/gate.ts';
import { GATE_APPLIED_FILE, GATE_FAULTS_FILE } from '../../domain/lab/gate.ts';
import { writeJson } from './launch.ts';

/** The gate looks many times a second; this is for a machine under heavy load. */
const APPLY_LIMIT_MS = 15_000;
const POLL_MS = 10;

/**
 * Tells the gate which faults are in force; it keeps them over a restart. Returns once a gate that runs acts on them;
 * `runs` is asked while it does not.
 */
export async function tellGate(
  renderedDir: string,
  faults: readonly Fault[],
  runs: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const path = join(renderedDir, GATE_FAULTS_FILE);
  await mkdir(dirname(path), { recursive: true });
  const told: GateFaults<Fault> = { edition: randomUUID(), faults };
  await writeJson(path, told);
  const deadline = Date.now() + APPLY_LIMIT_MS;
  while ((await applied(renderedDir)) !== told.edition) {
    if (!(await runs())) return;
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new Error('the gate runs and does not act on what it is told');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function applied(renderedDir: string): Promise<string | null> {
  const text = await readFile(join(renderedDir, GATE_APPLIED_FILE), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as { readonly edition: string }).edition;
}
