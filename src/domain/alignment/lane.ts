import type { RecordBlock, RecordDigest } from './record-block.ts';

/**
 * The records of one log that were read and not yet compared: digests first, then blocks as they came. Digests are all
 * that is kept of records once the logs differ, so that a wide window costs 40 bytes a record, not the record.
 */
export class Lane {
  /** True when the log holds no more than what was given. */
  ended = false;
  /** Records taken off so far. */
  passed = 0;
  /** Offset of the last record taken off; -1 before the first. */
  lastOffset = -1;
  #digests: Digests = emptyDigests();
  #from = 0;
  #blocks: RecordBlock[] = [];
  #at = 0;
  #inBlocks = 0;

  push(block: RecordBlock): void {
    if (block.count === 0) return;
    this.#blocks.push(block);
    this.#inBlocks += block.count;
  }

  get available(): number {
    return this.#digests.whole.length - this.#from + this.#inBlocks;
  }

  /** Offset of the next record; there must be one. */
  get firstOffset(): number {
    return this.#hasDigests
      ? (this.#digests.offset[this.#from] as number)
      : (this.#blocks[0] as RecordBlock).offset(this.#at);
  }

  /** No more can come. */
  get exhausted(): boolean {
    return this.ended && this.available === 0;
  }

  /** Turns the next `count` records into digests, or as many as there are; how many are digests now. */
  digest(count: number): number {
    while (this.#digests.whole.length - this.#from < count && this.#inBlocks > 0) {
      const block = this.#blocks[0] as RecordBlock;
      this.#inBlocks -= block.count - this.#at;
      for (let at = this.#at; at < block.count; at += 1) append(this.#digests, block, at);
      this.#dropBlock();
    }
    return this.#digests.whole.length - this.#from;
  }

  /** The hash of the record `ahead` of the first; it must be a digest. */
  whole(ahead: number): number {
    return this.#digests.whole[this.#from + ahead] as number;
  }

  /** The record `ahead` of the first; it must be a digest. */
  record(ahead: number): RecordDigest {
    const at = this.#from + ahead;
    const { offset, timestampMs, whole, key, value } = this.#digests;
    return {
      ordinal: this.passed + ahead,
      offset: offset[at] as number,
      timestampMs: timestampMs[at] as number,
      whole: whole[at] as number,
      key: key[at] as number,
      value: value[at] as number,
    };
  }

  /** Takes off the next `count` digests. */
  drop(count: number): void {
    if (count === 0) return;
    this.lastOffset = this.#digests.offset[this.#from + count - 1] as number;
    this.#from += count;
    this.passed += count;
    if (this.#from === this.#digests.whole.length) {
      this.#digests = emptyDigests();
      this.#from = 0;
    }
  }

  /** Takes off what is equal in both lanes from their first records on; how many that were. */
  static takeEqual(a: Lane, b: Lane): number {
    let taken = 0;
    for (;;) {
      const run = a.#equalRun(b);
      if (run === 0) return taken;
      taken += run;
      a.#advance(run);
      b.#advance(run);
    }
  }

  #equalRun(other: Lane): number {
    if (this.available === 0 || other.available === 0) return 0;
    const [mine, theirs] = [this.#hasDigests, other.#hasDigests];
    const [block, otherBlock] = [this.#blocks[0], other.#blocks[0]];
    if (!mine && !theirs && block !== undefined && otherBlock !== undefined) {
      return block.equalRun(this.#at, otherBlock, other.#at);
    }
    return this.#firstWhole() === other.#firstWhole() ? 1 : 0;
  }

  get #hasDigests(): boolean {
    return this.#from < this.#digests.whole.length;
  }

  #firstWhole(): number {
    return this.#hasDigests ? this.whole(0) : (this.#blocks[0] as RecordBlock).whole(this.#at);
  }

  #advance(count: number): void {
    if (this.#hasDigests) {
      this.drop(count);
      return;
    }
    const block = this.#blocks[0] as RecordBlock;
    this.#at += count;
    this.lastOffset = block.offset(this.#at - 1);
    this.passed += count;
    this.#inBlocks -= count;
    if (this.#at === block.count) this.#dropBlock();
  }

  #dropBlock(): void {
    this.#blocks.shift();
    this.#at = 0;
  }
}

interface Digests {
  readonly offset: number[];
  readonly timestampMs: number[];
  readonly whole: number[];
  readonly key: number[];
  readonly value: number[];
}

function emptyDigests(): Digests {
  return { offset: [], timestampMs: [], whole: [], key: [], value: [] };
}

function append(digests: Digests, block: RecordBlock, at: number): void {
  digests.offset.push(block.offset(at));
  digests.timestampMs.push(block.timestampMs(at));
  digests.whole.push(block.whole(at));
  digests.key.push(block.key(at));
  digests.value.push(block.value(at));
}
