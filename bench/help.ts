import { fileURLToPath } from 'node:url';
import { figure, markdownTable, median, timed } from './measure.ts';

const RUNS = 15;
const KMK = fileURLToPath(new URL('../bin/kmk.js', import.meta.url));

/** `kmk --help` against `node -e 0`, alternating, medians of whole processes. */
export async function benchHelp(): Promise<string> {
  const [node, help]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    node.push((await timed(process.execPath, ['-e', '0'])).ms);
    help.push((await timed(process.execPath, [KMK, '--help'])).ms);
  }
  const ratio = median(help) / median(node);
  return markdownTable(
    ['command', 'median ms', 'ratio'],
    [
      ['`node -e 0`', figure(median(node)), '1'],
      ['`kmk --help`', figure(median(help)), figure(ratio, 2)],
    ],
  );
}
