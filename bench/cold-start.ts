import { createLab } from './lab.ts';
import { figure, markdownTable, median } from './measure.ts';

const RUNS = 3;

/** `kmk deploy` in an empty folder until a record has crossed, both modes; jars and archives cached. */
export async function benchColdStart(): Promise<string> {
  const connect = await deployTimes('');
  const dedicated = await deployTimes('replication: { mode: dedicated }');
  const row = (name: string, times: readonly number[]): string[] => [
    name,
    figure(median(times) / 1000),
    times.map((ms) => figure(ms / 1000)).join(', '),
    figure(median(times) / median(connect), 2),
  ];
  return markdownTable(
    ['deploy', 'median s', 'runs', 'ratio'],
    [row('Connect worker (default)', connect), row('dedicated MM2', dedicated)],
  );
}

async function deployTimes(replication: string): Promise<readonly number[]> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    await using lab = await createLab(replication);
    times.push((await lab.kmk('deploy', '-q')).ms);
  }
  return times;
}
