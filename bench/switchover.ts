import { createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RUNS = 3;

interface Drill {
  readonly recovery: { readonly writeMs: number; readonly readMs: number };
  readonly loss: { readonly records: number };
  readonly redelivered: number;
  readonly skipped: number;
  readonly duplicates: number;
}

/** The drill `planned-switchover` in a lab of its own each time: how long its clients were without service, and the ledger. */
export async function benchSwitchover(): Promise<string> {
  const drills: Drill[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await using lab = await createLab();
    const { stdout } = await lab.kmk('scenario', 'run', 'planned-switchover', '-q', '-o', 'json');
    drills.push(JSON.parse(stdout) as Drill);
  }
  const times = (name: string, of: (drill: Drill) => number): string[] => {
    const seconds = drills.map((drill) => of(drill) / 1000);
    return [name, `${figure(median(seconds))} s`, seconds.map((value) => figure(value)).join(', ')];
  };
  const records = (name: string, of: (drill: Drill) => number): string[] => {
    const counts = drills.map(of);
    return [name, figure(median(counts)), counts.join(', ')];
  };
  return markdownTable(
    ['what', 'median', 'runs'],
    [
      times('fence to first acknowledged write', ({ recovery }) => recovery.writeMs),
      times('fence to first processed record', ({ recovery }) => recovery.readMs),
      records('lost', ({ loss }) => loss.records),
      records('processed again', ({ redelivered }) => redelivered),
      records('skipped', ({ skipped }) => skipped),
      records('stored twice', ({ duplicates }) => duplicates),
    ],
  );
}
