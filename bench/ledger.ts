import { fileURLToPath } from 'node:url';
import { figure, markdownTable, timed } from './measure.ts';

const LOAD = fileURLToPath(new URL('ledger-load.ts', import.meta.url));
const HEAP_MB = 64;
const RECORDS = [100_000, 10_000_000];

interface Load {
  readonly acknowledged: number;
  readonly replicated: number;
  readonly processed: number;
  readonly readBack: number;
  readonly fileBytes: number;
  readonly peakBytes: number;
}

/** The ledger of ten million records under a small heap: written to its files, held against two logs, read back. */
export async function benchLedger(): Promise<string> {
  const rows: string[][] = [];
  for (const records of RECORDS) {
    const args = [`--max-old-space-size=${HEAP_MB}`, '--import', 'tsx', LOAD, String(records)];
    const { ms, stdout } = await timed(process.execPath, args);
    const load = JSON.parse(stdout) as Load;
    if (load.acknowledged < records || load.readBack !== load.acknowledged || load.processed !== load.acknowledged)
      throw new Error(`the ledger lost count: ${stdout}`);
    rows.push([
      figure(load.acknowledged, 0),
      `${HEAP_MB} MB`,
      `${figure(load.peakBytes / 1e6, 0)} MB`,
      `${figure(load.fileBytes / 1e6)} MB`,
      `${figure(ms / 1000)} s`,
      figure(load.acknowledged - load.replicated, 0),
    ]);
  }
  return markdownTable(
    ['records', 'heap limit', 'peak memory', 'file of acknowledgements', 'time', 'found missing'],
    rows,
  );
}
