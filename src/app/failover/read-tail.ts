import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import type { StoredRecord } from '../ports/stored-record.ts';

/** Offsets read at once: so many records are held in memory. */
const WINDOW = 2000n;

/** A part of a log, `to` left out; decimal strings. */
interface Span {
  readonly topic: string;
  readonly partition: number;
  readonly from: string;
  readonly to: string;
}

/** The records of a part of a log, in order and in portions; those of open and aborted transactions where asked for. */
export async function* readTail(
  lab: Lab,
  alias: string,
  { topic, partition, from, to }: Span,
  signal: AbortSignal,
  uncommitted = false,
): AsyncGenerator<readonly StoredRecord[]> {
  const admin = await adminOf(lab, alias);
  const end = BigInt(to);
  for (let at = BigInt(from); at < end; at += WINDOW) {
    const until = at + WINDOW < end ? at + WINDOW : end;
    const records: StoredRecord[] = [];
    const take = (record: StoredRecord): void => void records.push(record);
    await admin.readPartition({ topic, partition }, take, { from: at, to: until, uncommitted, signal });
    if (records.length > 0) yield records;
  }
}
