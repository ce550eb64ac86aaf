import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../domain/fault.ts';

/** What is kept of a fault while it is in force. */
export interface FaultRecord {
  readonly id: string;
  readonly fault: Fault;
  readonly services: readonly string[];
}

const SUFFIX = '.json';

/** One file a fault, in a folder that only faults use. Ids sort by time. */
export class FaultRecords {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Written before the fault happens: a kmk that is killed in between leaves a record too many, never one too few. */
  async add(record: FaultRecord): Promise<void> {
    await mkdir(this.#dir, { recursive: true });
    const path = this.#path(record.id);
    await writeFile(`${path}.tmp`, `${JSON.stringify(record, null, 2)}\n`);
    await rename(`${path}.tmp`, path);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** Oldest first. One that is not readable was never whole: it is left out. */
  async list(): Promise<readonly FaultRecord[]> {
    const files = (await readdir(this.#dir).catch(() => [])).filter((name) => name.endsWith(SUFFIX)).toSorted();
    const records = await Promise.all(files.map((name) => readFile(join(this.#dir, name), 'utf8').catch(() => '')));
    return records.flatMap((text) => parse(text) ?? []);
  }

  #path(id: string): string {
    return join(this.#dir, `${id}${SUFFIX}`);
  }
}

function parse(text: string): FaultRecord | null {
  try {
    const record = JSON.parse(text) as Partial<FaultRecord> | null;
    const whole = typeof record?.id === 'string' && record.fault !== undefined && Array.isArray(record.services);
    return whole ? (record as FaultRecord) : null;
  } catch {
    return null;
  }
}
