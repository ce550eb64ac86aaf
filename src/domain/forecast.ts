import type { Forecast, GroupOffsets } from './documents.ts';

export interface ForecastFacts {
  readonly from: string;
  readonly to: string;
  /** Records of users' topics that the flow has still to copy; null where it cannot be known. */
  readonly lagRecords: number | null;
  /** Null where they could not be read. */
  readonly groups: readonly GroupOffsets[] | null;
  /** How old what is known of the source is; 0 while it answers. */
  readonly knowledgeAgeMs: number | null;
}

/** What a failover would cost at this moment. Pure. */
export function forecastOf({ from, to, lagRecords, groups, knowledgeAgeMs }: ForecastFacts): Forecast {
  const rows = groups?.map(forecastOfGroup) ?? null;
  return {
    ...{ from, to, knowledgeAgeMs },
    notCopied: lagRecords,
    reread: rows === null ? null : rows.reduce((sum, { reread }) => sum + reread, 0),
    fromBeginning: rows === null ? null : rows.filter((row) => row.partitionsFromBeginning > 0).length,
    groups: rows ?? [],
  };
}

/** A position that is not proved exact may lie `bound` records before the first unread one, never after it. */
function forecastOfGroup({ group, partitions }: GroupOffsets): Forecast['groups'][number] {
  return {
    group,
    reread: partitions.reduce((sum, { bound }) => sum + (bound ?? 0), 0),
    partitionsFromBeginning: partitions.filter(
      ({ best, committed, targetCommitted, recreated }) =>
        best === null && committed !== null && (targetCommitted === null || recreated?.includes('target') === true),
    ).length,
  };
}

/** In a sentence: `13 records not copied; at most 4 read again; 1 group from the beginning`. */
export function forecastText({ notCopied, reread, fromBeginning }: Forecast): string {
  return [
    notCopied === null ? 'how much is not copied is not known' : `${records(notCopied)} not copied`,
    reread === null
      ? 'positions are not known'
      : reread === 0
        ? 'none read again'
        : `at most ${records(reread)} read again`,
    ...(fromBeginning === null || fromBeginning === 0
      ? []
      : [`${fromBeginning} group${fromBeginning === 1 ? '' : 's'} from the beginning`]),
  ].join('; ');
}

function records(count: number): string {
  return `${count} record${count === 1 ? '' : 's'}`;
}
