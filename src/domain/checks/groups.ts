import type { CheckpointState, FlowSnapshot, VerifyCheck } from './snapshot.ts';
import { listed } from './snapshot.ts';

/** MM2 has written a checkpoint for what each group had committed. */
export const checkpointsFresh: VerifyCheck = (flows) => {
  const id = 'checkpoints.fresh';
  const states = flows.filter(isStandby).flatMap(({ checkpoints }) => checkpoints);
  if (states.length === 0) return { id, verdict: 'skipped', message: nothing(flows, 'a commit') };
  const stale = states.filter(isStale);
  if (stale.length > 0) {
    const texts = stale.map(
      (at) => `${at.group} ${at.topic}-${at.partition} committed ${at.committed}, checkpoint ${at.upstream ?? 'none'}`,
    );
    return { id, verdict: 'fail', message: `older than the commit: ${listed(texts)}` };
  }
  const without = states.filter(({ upstream }) => upstream === null);
  if (without.length > 0) {
    const texts = without.map(({ group, topic, partition }) => `${group} ${topic}-${partition}`);
    return { id, verdict: 'inconclusive', message: `no checkpoint: ${listed(texts)}` };
  }
  return { id, verdict: 'pass', message: `${states.length} checkpoints are as new as the commits` };
};

function isStandby({ promoted }: FlowSnapshot): boolean {
  return !promoted;
}

function nothing(flows: readonly FlowSnapshot[], what: string): string {
  const left = flows.filter(({ promoted }) => promoted);
  if (left.length === 0) return `no group has ${what} on a copied topic`;
  return `the target of ${listed(left.map(({ flow }) => flow))} was promoted: groups make their own progress there`;
}

export function isStale({ committed, upstream }: CheckpointState): boolean {
  return upstream !== null && upstream < committed;
}

/** No position on the target is beyond what was copied before the commit: nobody would skip a record. */
export const offsetsNotAhead: VerifyCheck = (flows) => {
  const id = 'offsets.not-ahead';
  const positions = flows
    .filter(isStandby)
    .flatMap(({ groups }) => groups.flatMap(({ group, partitions }) => partitions.map((at) => ({ group, at }))));
  if (positions.length === 0) return { id, verdict: 'skipped', message: nothing(flows, 'a position') };
  const ahead = positions.filter(({ at }) => at.verdict === 'ahead');
  if (ahead.length > 0) {
    const texts = ahead.map(
      ({ group, at }) =>
        `${group} ${at.remoteTopic}-${at.partition} at ${at.targetCommitted ?? at.checkpoint ?? '?'}, ${at.reason ?? ''}`,
    );
    return { id, verdict: 'fail', message: `would skip records: ${listed(texts)}` };
  }
  const unknown = positions.filter(({ at }) => at.verdict === 'untranslatable').length;
  const rest = unknown === 0 ? '' : `, ${unknown} can not be judged`;
  return { id, verdict: 'pass', message: `none of ${positions.length} positions would skip a record${rest}` };
};
