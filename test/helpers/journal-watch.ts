import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KmkLab, KmkProcess } from './kmk-lab.ts';

const POLL_MS = 10;

/**
 * True as soon as a journal says that the phase has started, also once more in the run that is resumed; false when the
 * run has ended without it.
 */
export async function untilPhase(lab: KmkLab, run: KmkProcess, phase: string): Promise<boolean> {
  const before = await startsOf(lab, phase);
  return untilTrue(run, async () => {
    const now = await startsOf(lab, phase);
    return [...now].some(([id, starts]) => starts > (before.get(id) ?? 0));
  });
}

/** How often each run has started the phase. */
async function startsOf(lab: KmkLab, phase: string): Promise<ReadonlyMap<string, number>> {
  const starts = new Map<string, number>();
  for (const id of await runsOf(lab)) {
    const journal = await readFile(join(lab.stateDir, 'runs', id, 'journal.jsonl'), 'utf8').catch(() => '');
    starts.set(id, journal.split(`"event":"step.started","data":{"id":"${phase}"`).length - 1);
  }
  return starts;
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
