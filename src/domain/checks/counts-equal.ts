import type { CheckVerdict } from '../events.ts';
import type { FlowSnapshot, PartitionPair, TopicPair, VerifyCheck } from './snapshot.ts';
import { listed } from './snapshot.ts';

interface Finding {
  readonly verdict: CheckVerdict;
  readonly text: string;
}

/** Both sides hold the same number of records. Compacted topics are left out: their counts differ by nature. */
export const countsEqual: VerifyCheck = (flows) => {
  const id = 'counts.equal';
  const pairs = flows.flatMap((flow) => flow.topics.map((pair) => ({ flow, pair })));
  const compared = pairs.filter(({ pair }) => !isCompacted(pair) && pair.targetPartitions !== null);
  const compacted = pairs.filter(({ pair }) => isCompacted(pair)).map(({ pair }) => pair.topic);
  const findings = compared.flatMap(({ flow, pair }) => pair.partitions.map((at) => judge(flow, pair, at)));
  const left = compacted.length === 0 ? '' : `; compacted topics are not compared: ${listed(compacted)}`;
  for (const verdict of ['fail', 'inconclusive'] as const) {
    const texts = findings.filter((finding) => finding.verdict === verdict).map(({ text }) => text);
    if (texts.length > 0) return { id, verdict, message: `${listed(texts)}${left}` };
  }
  if (compared.length === 0) return { id, verdict: 'skipped', message: `nothing to compare${left}` };
  const total = compared.reduce(
    (sum, { pair }) => sum + pair.partitions.reduce((n, at) => n + counts(at).source, 0),
    0,
  );
  return { id, verdict: 'pass', message: `${total} records in ${findings.length} partitions are on both sides${left}` };
};

/** Records of both sides as far as they are known. */
export function counts(at: PartitionPair): { readonly source: number; readonly target: number } {
  return at.counted ?? { source: Number(at.sourceEnd - at.sourceStart), target: Number(at.targetEnd - at.targetStart) };
}

/** Log ends tell only where they agree; markers, retention and writers falsify them. */
export function needsCounting(pair: TopicPair, at: PartitionPair): boolean {
  const { source, target } = counts(at);
  return !isCompacted(pair) && source !== target && at.counted === null;
}

function isCompacted({ sourceConfig, targetConfig }: TopicPair): boolean {
  return [sourceConfig, targetConfig].some((config) => config['cleanup.policy']?.includes('compact') === true);
}

function judge({ policy }: FlowSnapshot, pair: TopicPair, at: PartitionPair): Finding {
  const { source, target } = counts(at);
  const name = `${pair.topic}-${at.partition}`;
  if (source === target) return { verdict: 'pass', text: name };
  if (at.counted === null) return { verdict: 'inconclusive', text: `${name} is too large to be counted` };
  const sides = `${name} has ${source}, its copy ${target}`;
  if (target < source) {
    if (at.inFlight > 0n) return { verdict: 'inconclusive', text: `${sides}, ${at.inFlight} are in flight` };
    if (at.targetStart > 0n) return { verdict: 'inconclusive', text: `${sides} after its own retention` };
    return { verdict: 'fail', text: `${sides}: ${source - target} are missing` };
  }
  if (at.growing) return { verdict: 'inconclusive', text: `${sides} while it is written to` };
  if (at.sourceStart > 0n) return { verdict: 'inconclusive', text: `${sides} after retention on the source` };
  if (policy === 'identity') return { verdict: 'inconclusive', text: `${sides}, which may be its own` };
  return { verdict: 'fail', text: `${sides}: ${target - source} too many` };
}
