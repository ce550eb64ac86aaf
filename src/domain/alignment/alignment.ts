import type { Hashes } from './anchor.ts';
import { findAnchor } from './anchor.ts';
import { commonSequence, isSmall } from './common-sequence.ts';
import { Lane } from './lane.ts';
import type { RecordDigest } from './record-block.ts';

/** A record without a partner at its place. Records of both sides with the same gap lie between the same neighbours. */
export interface Unmatched extends RecordDigest {
  readonly gap: number;
}

/** What `advance` needs before it can go on. */
export type Need = 'source' | 'target' | 'both' | 'nothing';

const FIRST_WINDOW = 256;
const WINDOW_GROWTH = 4;
/** Widest window and most unmatched records of a side; see `Lane` for what that costs. */
const MOST_RECORDS = 1 << 20;

/**
 * Aligns a log with its copy, both read once in their order. While they agree, records are compared and forgotten. Where
 * they differ, a growing window of hashes on both sides is searched for the place from which they agree again, and what
 * lies before it is aligned by its longest common sequence. Feed `source` and `target` with what `advance` asks for.
 */
export class Alignment {
  readonly source = new Lane();
  readonly target = new Lane();
  readonly unmatchedSource: Unmatched[] = [];
  readonly unmatchedTarget: Unmatched[] = [];
  /** Records that have their copy at its place. */
  matched = 0;
  /** Offsets of the first and of the last pair; -1 without one. */
  first = { source: -1, target: -1 };
  last = { source: -1, target: -1 };
  /** Source records after the last pair that the flow has not come to. */
  inFlight = 0;
  /** False when the logs differ so much that the rest was not compared. */
  complete = true;
  readonly #position: number;
  readonly #limit: number;
  #window = 0;
  #gap = 0;

  /** `position`: the next source offset that the flow will copy; what lies there and after may be under way. */
  constructor(position: number, limit = MOST_RECORDS) {
    this.#position = position;
    this.#limit = limit;
  }

  /** Compares as far as it can with what the lanes hold. */
  advance(): Need {
    for (;;) {
      if (!this.complete) return 'nothing';
      const { source, target } = this;
      if (this.#window === 0) {
        this.#takeEqual();
        if (source.available === 0 || target.available === 0) {
          if (source.exhausted || target.exhausted) return this.#tail();
          return source.available > 0 ? 'target' : target.available > 0 ? 'source' : 'both';
        }
        this.#window = FIRST_WINDOW;
      }
      const lacking = [source, target].map((lane) => !lane.ended && lane.available < this.#window);
      if (lacking[0] === true || lacking[1] === true) {
        return lacking[0] === lacking[1] ? 'both' : lacking[0] === true ? 'source' : 'target';
      }
      this.#resynchronise();
    }
  }

  #takeEqual(): void {
    const { source, target } = this;
    const [before, wasAt] = [source.passed, { source: source.available, target: target.available }];
    if (wasAt.source === 0 || wasAt.target === 0) return;
    const firstPair = this.matched === 0 ? { source: source.firstOffset, target: target.firstOffset } : this.first;
    Lane.takeEqual(source, target);
    const taken = source.passed - before;
    if (taken === 0) return;
    this.matched += taken;
    this.first = firstPair;
    this.last = { source: source.lastOffset, target: target.lastOffset };
  }

  /** One log has ended: nothing that is left of the other has a partner. */
  #tail(): Need {
    const { source, target } = this;
    this.#gap += 1;
    this.#drop(source.digest(source.available), target.digest(target.available));
    if (source.exhausted && target.exhausted) return 'nothing';
    return source.exhausted ? 'target' : 'source';
  }

  #resynchronise(): void {
    const { source, target } = this;
    const [ours, theirs] = [this.#hashes(source), this.#hashes(target)];
    const whole = ours.complete && theirs.complete && isSmall(ours.length, theirs.length);
    const anchor = whole ? { source: ours.length, target: theirs.length } : findAnchor(ours, theirs);
    if (anchor !== null) {
      this.#closeGap(anchor.source, anchor.target);
      this.#window = 0;
    } else if (this.#window * WINDOW_GROWTH <= this.#limit) this.#window *= WINDOW_GROWTH;
    else if (ours.complete || theirs.complete) {
      // The rest of the log that has ended occurs nowhere near in the other one.
      this.#closeGap(ours.complete ? ours.length : 0, theirs.complete ? theirs.length : 0);
      this.#window = 0;
    } else this.complete = false;
  }

  #hashes(lane: Lane): Hashes {
    const length = Math.min(lane.digest(this.#window), this.#window);
    return { length, complete: lane.ended && lane.available === length, at: (ahead) => lane.whole(ahead) };
  }

  /** Aligns the next records of both sides with each other and takes them off. */
  #closeGap(sources: number, targets: number): void {
    const { source, target } = this;
    const hashes = (lane: Lane, count: number): number[] => Array.from({ length: count }, (_, at) => lane.whole(at));
    const common = commonSequence(hashes(source, sources), hashes(target, targets));
    let [s, t] = [0, 0];
    for (const [index, pairedSource] of common.source.entries()) {
      const pairedTarget = common.target[index] ?? 0;
      if (pairedSource > s || pairedTarget > t) this.#gap += 1;
      this.#drop(pairedSource - s, pairedTarget - t);
      if (this.matched === 0) this.first = { source: source.firstOffset, target: target.firstOffset };
      source.drop(1);
      target.drop(1);
      this.matched += 1;
      this.last = { source: source.lastOffset, target: target.lastOffset };
      [s, t] = [pairedSource + 1, pairedTarget + 1];
    }
    this.#gap += 1;
    this.#drop(sources - s, targets - t);
  }

  /** Takes off records without a partner. */
  #drop(sources: number, targets: number): void {
    const { source, target, unmatchedSource, unmatchedTarget } = this;
    const gap = this.#gap;
    for (let at = 0; at < sources; at += 1) {
      const record = source.record(at);
      if (target.exhausted && record.offset >= this.#position) this.inFlight += 1;
      else unmatchedSource.push({ ...record, gap });
    }
    for (let at = 0; at < targets; at += 1) unmatchedTarget.push({ ...target.record(at), gap });
    source.drop(sources);
    target.drop(targets);
    if (Math.max(unmatchedSource.length, unmatchedTarget.length) > this.#limit) this.complete = false;
  }
}
