import { Alignment } from '../../domain/alignment/alignment.ts';
import type { Comparison, ComparisonRules } from '../../domain/alignment/classify.ts';
import { Classification } from '../../domain/alignment/classify.ts';
import type { Lane } from '../../domain/alignment/lane.ts';
import type { LogRange } from '../../domain/topic.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { LogScan, ScannedBlock } from '../ports/log-scan.ts';

/** Two logs of which one is to be a copy of the other, up to ends found before. */
export interface LogPair {
  readonly source: { readonly admin: KafkaAdmin; readonly range: LogRange };
  readonly target: { readonly admin: KafkaAdmin; readonly range: LogRange };
  /** Next source offset that the flow will copy. */
  readonly position: bigint;
  readonly rules: ComparisonRules;
}

export interface ComparedPair extends Comparison {
  /** Records read on each side. */
  readonly source: number;
  readonly target: number;
}

/**
 * Reads both logs side by side and says what differs. A log is read a second time only where records were found without
 * a partner whose nature depends on what was passed long ago. `onRead` gets how many offsets more have been read.
 */
export async function comparePartition(
  pair: LogPair,
  onRead: (offsets: number) => void,
  signal: AbortSignal,
): Promise<ComparedPair> {
  const alignment = new Alignment(Number(pair.position));
  const [source, target] = (['source', 'target'] as const).map((side) => {
    return new Feed(startScan(pair, side, signal), alignment[side], Number(pair[side].range.start), onRead);
  }) as [Feed, Feed];
  for (let need = alignment.advance(); need !== 'nothing'; need = alignment.advance()) {
    await Promise.all([
      need === 'target' ? undefined : source.refill(),
      need === 'source' ? undefined : target.refill(),
    ]);
  }
  const classification = new Classification(alignment, pair.rules, Number(pair.position));
  if (classification.needsSource) {
    await eachBlock(startScan(pair, 'source', signal), ({ block, aborted }) => classification.source(block, aborted));
  }
  if (classification.needsTarget) {
    await eachBlock(startScan(pair, 'target', signal), ({ block, aborted }) => {
      if (!aborted) classification.target(block);
    });
  }
  return { ...classification.result(), source: source.records, target: target.records };
}

function startScan(pair: LogPair, side: 'source' | 'target', signal: AbortSignal): LogScan {
  const { admin, range } = pair[side];
  const { withTimestamps } = pair.rules;
  return admin.scan(range, { from: range.start, to: range.end, withTimestamps, signal });
}

async function eachBlock(scan: LogScan, visit: (block: ScannedBlock) => void): Promise<void> {
  for (let blocks = await scan.next(); blocks !== null; blocks = await scan.next())
    for (const one of blocks) visit(one);
}

/** Brings the records of one log into its lane. */
class Feed {
  records = 0;
  readonly #scan: LogScan;
  readonly #lane: Lane;
  readonly #onRead: (offsets: number) => void;
  #next: number;

  constructor(scan: LogScan, lane: Lane, start: number, onRead: (offsets: number) => void) {
    this.#scan = scan;
    this.#lane = lane;
    this.#next = start;
    this.#onRead = onRead;
  }

  async refill(): Promise<void> {
    const blocks = await this.#scan.next();
    if (blocks === null) {
      this.#lane.ended = true;
      return;
    }
    for (const { block, aborted } of blocks) {
      if (aborted || block.count === 0) continue;
      this.#lane.push(block);
      this.records += block.count;
      const next = block.offset(block.count - 1) + 1;
      this.#onRead(next - this.#next);
      this.#next = next;
    }
  }
}
