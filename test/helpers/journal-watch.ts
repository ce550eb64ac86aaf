import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KmkLab, KmkProcess } from './kmk-lab.ts';

const POLL_MS = 10;

/** True as soon as the run's journal says that the phase has started, false when the run has ended without it. */
export async function untilPhase(lab: KmkLab, run: KmkProcess, phase: string): Promise<boolean> {
  const known = new Set(await runsOf(lab));
  return untilTrue(run, async () => {
    for (const id of await runsOf(lab)) {
      if (known.has(id)) continue;
      const journal = await readFile(join(lab.stateDir, 'runs', id, 'journal.jsonl'), 'utf8').catch(() => '');
      if (journal.includes(`"event":"step.started","data":{"id":"${phase}"`)) return true;
    }
    return false;
  });
}

/** Polls until the condition holds (true) or the run has ended (false). */
export async function untilTrue(run: KmkProcess, condition: () => Promise<boolean> | boolean): Promise<boolean> {
  const over: boolean[] = [];
  void run.ended.then(() => over.push(true));
  for (;;) {
    const ended = over.length > 0;
    if (await condition()) return true;
    if (ended) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function runsOf(lab: KmkLab): Promise<readonly string[]> {
  return readdir(join(lab.stateDir, 'runs')).catch(() => []);
}
