/** Half-open `[start, end)`. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * A set of whole numbers kept as disjoint, sorted intervals: what a ledger of ten million records in a row needs is one
 * of them. Numbers added near the end, the usual case, cost a constant.
 */
export class IntervalSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #size = 0;

  /** How many numbers are in the set. */
  get size(): number {
    return this.#size;
  }

  /** Adds `[start, end)`; gives how many of these numbers were there already. */
  add(start: number, end: number = start + 1): number {
    if (end <= start) return 0;
    const first = this.#firstEndingAtOrAfter(start);
    let last = first;
    let [from, to, known] = [start, end, 0];
    while (last < this.#starts.length && (this.#starts[last] ?? 0) <= end) {
      const [s, e] = [this.#starts[last] ?? 0, this.#ends[last] ?? 0];
      known += Math.max(0, Math.min(e, end) - Math.max(s, start));
      from = Math.min(from, s);
      to = Math.max(to, e);
      last += 1;
    }
    if (last === first + 1) {
      this.#starts[first] = from;
      this.#ends[first] = to;
    } else {
      this.#starts.splice(first, last - first, from);
      this.#ends.splice(first, last - first, to);
    }
    this.#size += end - start - known;
    return known;
  }

  has(value: number): boolean {
    const at = this.#firstEndingAtOrAfter(value + 1);
    return at < this.#starts.length && (this.#starts[at] ?? 0) <= value;
  }

  /** In ascending order. */
  intervals(): readonly Interval[] {
    return this.#starts.map((start, at) => ({ start, end: this.#ends[at] ?? start }));
  }

  /** The numbers of this set that are not in the other. */
  minus(other: IntervalSet): IntervalSet {
    const result = new IntervalSet();
    for (const { start, end } of this.intervals()) {
      let from = start;
      for (let at = other.#firstEndingAtOrAfter(start); at < other.#starts.length; at += 1) {
        const [s, e] = [other.#starts[at] ?? 0, other.#ends[at] ?? 0];
        if (s >= end) break;
        result.add(from, Math.min(s, end));
        from = Math.max(from, e);
      }
      result.add(from, end);
    }
    return result;
  }

  /** The numbers that are in both. */
  and(other: IntervalSet): IntervalSet {
    return this.minus(this.minus(other));
  }

  /** The numbers that are in either. */
  or(other: IntervalSet): IntervalSet {
    const result = new IntervalSet();
    for (const set of [this, other]) for (const { start, end } of set.intervals()) result.add(start, end);
    return result;
  }

  /** Index of the first interval whose end is at or after `value`: the first that touches or follows it. */
  #firstEndingAtOrAfter(value: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
