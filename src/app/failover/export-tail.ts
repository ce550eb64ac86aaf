import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { StrandedEnd, StrandedHead } from '../../domain/stranded-file.ts';
import { decodeStranded, encodeStranded } from '../../domain/stranded-file.ts';
import type { TailPart } from '../../domain/stranded-tail.ts';
import { tailSize } from '../../domain/stranded-tail.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { readTail } from './read-tail.ts';

/** The file's name in the run's folder. */
export const STRANDED_FILE = 'stranded.jsonl';

/**
 * Writes the tail to a file of the run, reads it back, and compares each line with the record in the log once more. Gives
 * its path. Done again it writes the file anew. Throws KMK_VERIFY_FAILED.
 */
export async function exportTail(
  lab: Lab,
  forward: Flow,
  { parts, runId }: { readonly parts: readonly TailPart[]; readonly runId: string },
  signal: AbortSignal,
): Promise<string> {
  const { store, clock } = lab.tools;
  const { clusterId } = await (await adminOf(lab, forward.source)).describeCluster(signal);
  const head: StrandedHead = {
    schema: 'kmk.stranded/v1',
    ...{ project: lab.record.project, cluster: forward.source, clusterId },
    exportedAt: new Date(clock.now()).toISOString(),
    partitions: parts,
  };
  const path = await store.saveRunFile(runId, STRANDED_FILE, `${JSON.stringify(head)}\n`);
  let records = 0;
  for await (const lines of linesOf(lab, forward.source, parts, signal)) {
    records += lines.length;
    await store.appendRunFile(runId, STRANDED_FILE, `${lines.join('\n')}\n`);
    lab.tools.events.emit('step.progress', {
      id: 'tail',
      text: `${records} records`,
      done: records,
      total: tailSize(parts),
    });
  }
  const end: StrandedEnd = { records };
  await store.appendRunFile(runId, STRANDED_FILE, `${JSON.stringify(end)}\n`);
  await compare(lab, forward, { parts, runId }, records, signal);
  return path;
}

async function* linesOf(
  lab: Lab,
  alias: string,
  parts: readonly TailPart[],
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  for (const part of parts) {
    for await (const some of readTail(lab, alias, part, signal)) yield some.map(encodeStranded);
  }
}

async function compare(
  lab: Lab,
  forward: Flow,
  { parts, runId }: { readonly parts: readonly TailPart[]; readonly runId: string },
  records: number,
  signal: AbortSignal,
): Promise<void> {
  const file = lab.tools.store.readRunLines(runId, STRANDED_FILE)[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const result = await file.next();
    return result.done === true ? undefined : result.value;
  };
  await next();
  let line = 0;
  for await (const lines of linesOf(lab, forward.source, parts, signal)) {
    for (const expected of lines) {
      line += 1;
      // As somebody will read it one day, not as text.
      const found = encodeStranded(decodeStranded((await next()) ?? ''));
      if (found !== expected) throw differs(`record ${line} is not as it is in the log`);
    }
  }
  const end = JSON.parse((await next()) ?? 'null') as Partial<StrandedEnd> | null;
  if (line !== records || end?.records !== records) throw differs(`${line} records were read, ${records} were written`);
}

function differs(what: string): KmkError {
  return new KmkError('KMK_VERIFY_FAILED', `the file of stranded records was read back and differs: ${what}`, {
    hints: ['Nothing else was changed. Check the disk, then run `kmk failback` again.'],
  });
}
