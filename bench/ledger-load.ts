import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLedgerFiles } from '../src/app/workload/ledger-files.ts';
import { LEDGER_FILES, LedgerLog } from '../src/app/workload/ledger-log.ts';
import { systemClock } from '../src/composition/system.ts';
import { createStreamLedger } from '../src/domain/ledger.ts';
import { ClusterAudit } from '../src/domain/ledger-audit.ts';
import { summarise, totalsOf } from '../src/domain/ledger-summary.ts';
import { createFileRunStore } from '../src/store/file-run-store.ts';

/**
 * A ledgered workload of so many records, without brokers: given out, acknowledged, processed, found in the logs of both
 * clusters, read back from its files. `node --max-old-space-size=N --import tsx ledger-load.ts RECORDS`; prints JSON.
 */
const records = Number(process.argv[2]);
const PARTITIONS = 3;
/** What a writer with 1000 records/s gives out at once. */
const BATCH = 20;
const LOST_EVERY = 1_000_003;

const dir = await mkdtemp(join(tmpdir(), 'kmk-ledger-'));
const store = createFileRunStore(dir, systemClock);
const log = new LedgerLog(store, systemClock, 'load');
const stream = createStreamLedger('orders', 'orders', PARTITIONS);
const audits = [new ClusterAudit('primary'), new ClusterAudit('dr')];
let atMs = Date.now();
for (let first = 0; first < records / PARTITIONS; first += BATCH) {
  for (const [partition, ledger] of stream.partitions.entries()) {
    ledger.give(BATCH);
    ledger.acknowledge('primary', first, BATCH, atMs);
    log.add('acknowledged', ['orders', partition, 'primary', 1, first, BATCH]);
    for (let seq = first; seq < first + BATCH; seq += 1) ledger.process('billing', seq);
    log.add('processed', ['billing', 'primary', 'orders', partition, first, 'orders', first, BATCH]);
    for (const [side, audit] of audits.entries()) {
      for (let seq = first; seq < first + BATCH; seq += 1) {
        if (side === 1 && seq % LOST_EVERY === 0) continue;
        const stamp = { run: 'load', stream: 'orders', partition, seq, site: 'primary', epoch: 1, hash: '' };
        audit.add({
          topic: side === 0 ? 'orders' : 'primary.orders',
          partition,
          offset: BigInt(seq),
          stamp,
          whole: true,
        });
      }
    }
  }
  atMs += BATCH;
  if (first % 10_000 === 0) await log.flush();
}
await log.flush();
const totals = totalsOf([summarise(stream, audits)]);
const read = [...((await readLedgerFiles(store, 'load')).get('orders')?.values() ?? [])];
const file = await stat(join(dir, 'runs', 'load', LEDGER_FILES.acknowledged));
await rm(dir, { recursive: true });
process.stdout.write(
  JSON.stringify({
    ...{ acknowledged: totals.acknowledged, replicated: totals.replicated, processed: totals.processed },
    readBack: read.reduce((sum, ledger) => sum + ledger.allAcknowledged().size, 0),
    fileBytes: file.size,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  }),
);
