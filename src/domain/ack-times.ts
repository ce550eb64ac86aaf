/** Times are kept one a span: a drill of days takes some megabytes, however fast it writes. */
export const ACK_SPAN_MS = 100;

/**
 * When runs of numbers were acknowledged. One writer gives numbers in ascending order and waits for each run, so the
 * times ascend with the numbers; a number that is acknowledged twice (a try whose answer was lost) keeps its first time.
 */
export class AckTimes {
  #firsts: Float64Array = new Float64Array(16);
  #times: Float64Array = new Float64Array(16);
  #length = 0;

  /** How many times are kept. */
  get size(): number {
    return this.#length;
  }

  /** Notes that the run from `first` on was acknowledged at `atMs`. */
  add(first: number, atMs: number): void {
    const last = this.#length - 1;
    if (last >= 0 && (first <= (this.#firsts[last] ?? 0) || atMs - (this.#times[last] ?? 0) < ACK_SPAN_MS)) return;
    if (this.#length === this.#firsts.length) {
      this.#firsts = grown(this.#firsts);
      this.#times = grown(this.#times);
    }
    this.#firsts[this.#length] = first;
    this.#times[this.#length] = atMs;
    this.#length += 1;
  }

  /** The time of the last kept run that begins at or before the number; null before the first. */
  at(seq: number): number | null {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#firsts[middle] ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? null : (this.#times[low - 1] ?? null);
  }
}

function grown(values: Float64Array): Float64Array {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}
