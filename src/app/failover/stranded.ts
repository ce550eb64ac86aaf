import type { Promotion } from '../../domain/lab/lab-record.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';

/**
 * Counts the records of the returned primary that had no copy at the failover. Under the default policy the forward
 * flow brings them across after all ("late"); under the identity policy that would mix two histories, so a tail is
 * refused here.
 */
export async function strandedTail(
  lab: Lab,
  forward: Flow,
  promotion: Promotion,
  signal: AbortSignal,
): Promise<number> {
  const source = await adminOf(lab, forward.source);
  const copied = new Map(promotion.mirrored.map((mark) => [partitionKey(mark), BigInt(mark.u ?? 0)]));
  const topics = await copiedUserTopics(lab, forward, signal);
  const tails: string[] = [];
  let stranded = 0n;
  for (const range of ownRanges(lab, promotion, await source.logRanges(topics, signal))) {
    const u = copied.get(partitionKey(range)) ?? range.start;
    const from = u > range.start ? u : range.start;
    if (range.end <= from) continue;
    stranded += range.end - from;
    tails.push(`${range.topic}-${range.partition}: ${range.end - from}`);
  }
  if (stranded > 0n && lab.layout.policy.name === 'identity') throw tailRefused(forward.source, stranded, tails);
  if (stranded > 0n) {
    const text = `${stranded} records on "${forward.source}" had not crossed; they arrive late through the forward flow`;
    lab.tools.events.emit('warning', { text });
  }
  return Number(stranded);
}

/**
 * Under the identity policy the reverse flow writes to the same logs. Once it has been started, what the returned primary
 * holds of its own is what it held just before.
 */
function ownRanges({ layout }: Lab, promotion: Promotion, ranges: readonly LogRange[]): readonly LogRange[] {
  if (layout.policy.name === 'default' || !promotion.seeded) return ranges;
  const before = new Map((promotion.reverseStart ?? []).map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  return ranges.map((range) => ({ ...range, end: before.get(partitionKey(range)) ?? range.start }));
}

function tailRefused(alias: string, stranded: bigint, tails: readonly string[]): KmkError {
  return new KmkError(
    'KMK_WRONG_STATE',
    `${stranded} records on "${alias}" never crossed (${tails.slice(0, 5).join(', ')})`,
    {
      hints: [
        'Under the identity policy they cannot be copied after records that were written since; nothing was changed on either side.',
        `Read them with \`kmk consume --cluster ${alias}\` and decide what to do with them.`,
      ],
      context: { stranded: Number(stranded) },
    },
  );
}
