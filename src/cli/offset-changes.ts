import type { OffsetChange, OffsetsDocument } from '../domain/documents.ts';
import { table } from './table.ts';

/** Positions before and after, as a table; the proof where there is one. */
export function changesText(changes: readonly OffsetChange[]): string {
  if (changes.length === 0) return 'nothing to change: every position is right already';
  const proved = changes.some(({ proof }) => proof !== null);
  const columns = [
    ...[{ title: 'group' }, { title: 'topic' }],
    ...['partition', 'offset', 'new offset'].map((title) => ({ title, numeric: true })),
    ...(proved ? [{ title: 'proof' }] : []),
  ];
  const rows = changes.map(({ group, topic, partition, previous, offset, proof }) => [
    ...[group, topic, String(partition), previous ?? 'none', offset ?? 'none'],
    ...(proved ? [proof ?? ''] : []),
  ]);
  return table(columns, rows);
}

/** That it is done, and what takes it back. */
export function undoText({ changes = [], snapshot }: OffsetsDocument): string {
  const clusters = [...new Set(changes.map(({ cluster }) => `"${cluster}"`))].join(', ');
  const done = `written and read back on ${clusters}`;
  return snapshot === undefined ? done : `${done}\nundo with \`kmk offsets restore --snapshot ${snapshot.runId}\``;
}
