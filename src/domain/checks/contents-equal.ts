import type { CheckResult, DeepAudit, PartitionAudit } from '../documents.ts';
import { listed } from './snapshot.ts';

export const FINDING_KINDS = ['missing', 'extra', 'duplicated', 'reordered', 'altered'] as const;

/** Every record has its copy, at its place and unchanged, and nothing else is there. */
export function contentsEqual({ partitions }: DeepAudit): CheckResult {
  const id = 'contents.equal';
  const wrong = partitions.filter((at) => !at.complete || FINDING_KINDS.some((kind) => at[kind] > 0));
  if (wrong.length > 0) return { id, verdict: 'fail', message: listed(wrong.map(faultsOf)) };
  const sum = (of: (at: PartitionAudit) => number): number => partitions.reduce((total, at) => total + of(at), 0);
  const rest = [
    ...said(
      sum((at) => at.inFlight),
      'in flight',
    ),
    ...said(
      sum((at) => at.cutOnSource + at.cutOnTarget),
      'gone on one side by retention',
    ),
    ...said(
      sum((at) => at.compacted),
      'gone on one side by compaction',
    ),
    ...said(
      sum((at) => at.own),
      'of its own',
    ),
  ];
  if (partitions.length === 0) return { id, verdict: 'skipped', message: 'no partition has a copy' };
  const texts = [`${sum((at) => at.matched)} records in ${partitions.length} partitions equal their copies`, ...rest];
  return { id, verdict: 'pass', message: texts.join(', ') };
}

function faultsOf(at: PartitionAudit): string {
  const counts = FINDING_KINDS.flatMap((kind) => said(at[kind], kind));
  const broken = at.complete ? [] : [`more differs than can be kept, compared up to ${at.matched} records`];
  return `${at.topic}-${at.partition}: ${[...counts, ...broken].join(', ')}`;
}

function said(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}
