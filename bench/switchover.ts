import { readFile } from 'node:fs/promises';
import type { AnyEvent } from '../src/domain/events.ts';
import { createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RUNS = 3;
/** Behind the fence, until clients are served. */
const STEPS = ['fence', 'drain', 'stop-flow', 'offsets', 'promote', 'service'];

interface Drill {
  readonly recovery: { readonly writeMs: number; readonly readMs: number };
  readonly loss: { readonly records: number };
  readonly redelivered: number;
  readonly skipped: number;
  readonly duplicates: number;
  readonly journal: string;
}

/** How long the steps of the way there took, in ms. */
async function stepsOf({ journal }: Drill): Promise<ReadonlyMap<string, number>> {
  const events = (await readFile(journal, 'utf8')).trim().split('\n');
  const steps = new Map<string, number>();
  for (const line of events) {
    const { event, data } = JSON.parse(line) as AnyEvent;
    if (event === 'step.finished' && STEPS.includes(data.id) && !steps.has(data.id))
      steps.set(data.id, data.durationMs);
  }
  return steps;
}

/** The drill `planned-switchover` in a lab of its own each time: how long its clients were without service, and the ledger. */
export async function benchSwitchover(): Promise<string> {
  const drills: Drill[] = [];
  const steps: ReadonlyMap<string, number>[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await using lab = await createLab();
    const { stdout } = await lab.kmk('scenario', 'run', 'planned-switchover', '-q', '-o', 'json');
    const drill = JSON.parse(stdout) as Drill;
    drills.push(drill);
    steps.push(await stepsOf(drill));
  }
  const seconds = (name: string, ms: readonly number[]): string[] => {
    const values = ms.map((value) => figure(value / 1000, 2));
    return [name, `${figure(median(ms) / 1000, 2)} s`, values.join(', ')];
  };
  const times = (name: string, of: (drill: Drill) => number): string[] => seconds(name, drills.map(of));
  const records = (name: string, of: (drill: Drill) => number): string[] => {
    const counts = drills.map(of);
    return [name, figure(median(counts)), counts.join(', ')];
  };
  return markdownTable(
    ['what', 'median', 'runs'],
    [
      times('fence to first acknowledged write', ({ recovery }) => recovery.writeMs),
      times('fence to first processed record', ({ recovery }) => recovery.readMs),
      ...STEPS.map((id) =>
        seconds(
          `step ${id}`,
          steps.map((taken) => taken.get(id) ?? Number.NaN),
        ),
      ),
      records('lost', ({ loss }) => loss.records),
      records('processed again', ({ redelivered }) => redelivered),
      records('skipped', ({ skipped }) => skipped),
      records('stored twice', ({ duplicates }) => duplicates),
    ],
  );
}
