import { setTimeout } from 'node:timers/promises';
import { LedgerLog } from '../../src/app/workload/ledger-log.ts';
import { systemClock } from '../../src/composition/system.ts';
import { createFileRunStore } from '../../src/store/file-run-store.ts';

/**
 * Writes a ledger without end and prints, after each flush, how many numbers are on disk: `node --import tsx
 * ledger-writer.ts STATE_DIR RUN_ID`, to be killed in the middle of it.
 */
const [stateDir = '', runId = ''] = process.argv.slice(2);
const log = new LedgerLog(createFileRunStore(stateDir, systemClock), systemClock, runId);
for (let first = 0; ;) {
  for (let line = 0; line < 2000; line += 1) {
    log.add('acknowledged', ['orders', 0, 'primary', 1, first, 5]);
    log.add('processed', ['group, with a "comma"', 'primary', 'orders', 0, first, 'orders', first, 5]);
    first += 5;
  }
  await log.flush();
  process.stdout.write(`${first}\n`);
  await setTimeout(0);
}
