/** Hashes of one side's window, by how far ahead they are. */
export interface Hashes {
  readonly length: number;
  /** True when the window reaches the end of its log. */
  readonly complete: boolean;
  at(ahead: number): number;
}

export interface Anchor {
  readonly source: number;
  readonly target: number;
}

/** So many equal records in a row are no accident, also where a few of them repeat. */
const CERTAIN_RUN = 8;
/** Of a content that fills a log, only its first places are tried. */
const MOST_PLACES = 8;

/**
 * Where both windows go on alike: the pair of positions with the smallest sum from which a run of equal records, or one
 * up to the end of a log, starts. Null when there is none.
 */
export function findAnchor(source: Hashes, target: Hashes): Anchor | null {
  const index = new HashIndex(target);
  let best: Anchor | null = null;
  for (let s = 0; s < source.length; s += 1) {
    const most: number = best === null ? Infinity : best.source + best.target - s;
    if (most <= 0) break;
    let tried = 0;
    for (let t = index.first(source.at(s)); t !== -1 && t < most && tried < MOST_PLACES; t = index.next(t)) {
      tried += 1;
      if (!goesOn(source, s, target, t)) continue;
      best = { source: s, target: t };
      break;
    }
  }
  return best;
}

function goesOn(source: Hashes, s: number, target: Hashes, t: number): boolean {
  let run = 0;
  while (run < CERTAIN_RUN && s + run < source.length && t + run < target.length) {
    if (source.at(s + run) !== target.at(t + run)) return false;
    run += 1;
  }
  if (run === CERTAIN_RUN) return true;
  return (s + run === source.length && source.complete) || (t + run === target.length && target.complete);
}

/** Places of each hash in a window, in ascending order. */
class HashIndex {
  readonly #first = new Map<number, number>();
  readonly #next: Int32Array;

  constructor(hashes: Hashes) {
    this.#next = new Int32Array(hashes.length).fill(-1);
    for (let at = hashes.length - 1; at >= 0; at -= 1) {
      const hash = hashes.at(at);
      this.#next[at] = this.#first.get(hash) ?? -1;
      this.#first.set(hash, at);
    }
  }

  first(hash: number): number {
    return this.#first.get(hash) ?? -1;
  }

  next(at: number): number {
    return this.#next[at] ?? -1;
  }
}
