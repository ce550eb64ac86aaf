import { listed } from '../../domain/checks/snapshot.ts';
import type { GroupOffsets } from '../../domain/documents.ts';
import { groupFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';

const PARALLEL_GROUPS = 8;
const POLL_MS = 50;
/** A Java consumer commits every 5 s by default: after this without a commit none is under way. */
const QUIET_MS = 6000;
/** A group that is far behind is not waited for: clients are refused meanwhile. */
const LIMIT_MS = 20_000;

type Ends = Readonly<Record<string, string>>;

/**
 * Waits for the last commits of groups with live members on the source: until they stand past the last records, or no
 * commit has come for QUIET_MS. Gives the groups that are still behind: what they process from now on is read again.
 */
export async function awaitLastCommits(
  lab: Lab,
  flow: Flow,
  ends: Ends,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { clock } = lab.tools;
  const source = await adminOf(lab, flow.source);
  const names = (await source.listGroups(signal)).map(({ group }) => group).filter(groupFilter(flow));
  const startedAt = clock.now();
  let [seen, changedAt] = ['', startedAt];
  for (;;) {
    const behind = (
      await mapLimited(names, PARALLEL_GROUPS, async (group) => {
        const [{ members }, commits] = await Promise.all([
          source.describeGroup(group, signal),
          source.groupOffsets(group, signal),
        ]);
        const left = commits.filter((at) => at.offset < BigInt(ends[partitionKey(at)] ?? 0));
        return members.length > 0 && left.length > 0
          ? { group, at: left.map((at) => `${partitionKey(at)} ${at.offset}`).join() }
          : null;
      })
    ).filter((group) => group !== null);
    if (behind.length === 0) return [];
    const now = behind.map(({ group, at }) => `${group} ${at}`).join(';');
    if (now !== seen) [seen, changedAt] = [now, clock.now()];
    if (clock.now() - changedAt >= QUIET_MS || clock.now() - startedAt >= LIMIT_MS) {
      return behind.map(({ group }) => group);
    }
    await clock.sleep(POLL_MS, signal);
  }
}

/** Names groups that had not come to the last records when these were waited for. */
export function warnOfReaders(lab: Lab, alias: string, groups: readonly string[]): void {
  if (groups.length === 0) return;
  const text = `still reading on "${alias}": ${listed(groups)}; what they process from now on is read again`;
  lab.tools.events.emit('warning', { text });
}

/**
 * The positions of groups that read to the end are exact: the end of the copy, everything below having been copied.
 * `ends` are where the last records of the source end behind its fence, `remote` those of the copies after the flow has stopped.
 */
export function atEnds(
  groups: readonly GroupOffsets[],
  ends: Ends,
  remote: ReadonlyMap<string, bigint>,
): GroupOffsets[] {
  return groups.map((group) => ({
    ...group,
    partitions: group.partitions.map((at) => {
      const end = ends[partitionKey(at)];
      const copy = remote.get(partitionKey({ topic: at.remoteTopic, partition: at.partition }));
      if (at.committed === null || end === undefined || copy === undefined) return at;
      if (BigInt(at.committed) < BigInt(end)) return at;
      const exact = copy.toString();
      return { ...at, exact, best: exact, bound: 0, proof: 'end-of-log' as const };
    }),
  }));
}
