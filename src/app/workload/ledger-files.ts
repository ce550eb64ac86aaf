import { PartitionLedger } from '../../domain/ledger.ts';
import type { RunStore } from '../ports/run-store.ts';
import { LEDGER_FILES } from './ledger-log.ts';

/** Ledgers by stream and then by partition, as far as their files tell. */
export type LedgersOfFiles = ReadonlyMap<string, ReadonlyMap<number, PartitionLedger>>;

/**
 * What a drill's ledger files say: what was acknowledged and what was processed, up to the last flush where kmk was
 * killed. Reads line by line, in the memory that ledgers need. Lines that are not the ledger's are passed over.
 */
export async function readLedgerFiles(store: RunStore, runId: string): Promise<LedgersOfFiles> {
  const streams = new Map<string, Map<number, PartitionLedger>>();
  const ledgerOf = (stream: string, partition: number): PartitionLedger => {
    const partitions = streams.get(stream) ?? new Map<number, PartitionLedger>();
    streams.set(stream, partitions);
    const ledger = partitions.get(partition) ?? new PartitionLedger();
    partitions.set(partition, ledger);
    return ledger;
  };
  for await (const line of store.readRunLines(runId, LEDGER_FILES.acknowledged)) {
    const [atMs, stream, partition, site, , first, count] = cells(line);
    const numbers = [atMs, partition, first, count].map(Number);
    if (stream === undefined || site === undefined || !numbers.every(Number.isSafeInteger)) continue;
    const [at = 0, of = 0, from = 0, length = 0] = numbers;
    const ledger = ledgerOf(stream, of);
    // Numbers are given out in a row; those whose fate is unknown lie between.
    if (from + length > ledger.sent) ledger.give(from + length - ledger.sent);
    ledger.acknowledge(site, from, length, at);
  }
  for await (const line of store.readRunLines(runId, LEDGER_FILES.processed)) {
    const [, group, , , partition, , stream, first, count] = cells(line);
    const numbers = [partition, first, count].map(Number);
    if (stream === undefined || group === undefined || !numbers.every(Number.isSafeInteger)) continue;
    const [of = 0, from = 0, length = 0] = numbers;
    ledgerOf(stream, of).process(group, from, length);
  }
  return streams;
}

/** A sentence for each stream of which records were acknowledged. */
export function ledgerTexts(streams: LedgersOfFiles): readonly string[] {
  return [...streams].map(([stream, partitions]) => {
    const ledgers = [...partitions.values()];
    const sum = (of: (ledger: PartitionLedger) => number): number =>
      ledgers.reduce((total, ledger) => total + of(ledger), 0);
    const acknowledged = sum((ledger) => ledger.allAcknowledged().size);
    const groups = (ledger: PartitionLedger) => [...ledger.processed.values()];
    const processed = sum((ledger) => groups(ledger).reduce((total, { processings }) => total + processings, 0));
    const again = sum((ledger) => groups(ledger).reduce((total, one) => total + one.again, 0));
    return `the ledger files of "${stream}" hold ${acknowledged} acknowledged records; ${processed} were processed, ${again} of them again`;
  });
}

/** A line of the ledger's files; cells with commas are in quotes. */
function cells(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}
