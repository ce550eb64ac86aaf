/** Positions that belong together, ascending on both sides. */
export interface CommonSequence {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

/** Up to this many pairs of positions the longest common sequence is found exactly. */
const MOST_CELLS = 1 << 20;

/**
 * Records of both sides that can be taken as copies of each other without changing an order: the longest such sequence
 * for small gaps; for large ones the longest over contents that occur once on each side.
 */
export function commonSequence(source: readonly number[], target: readonly number[]): CommonSequence {
  if (source.length === 0 || target.length === 0) return { source: [], target: [] };
  return isSmall(source.length, target.length) ? longest(source, target) : ofUnique(source, target);
}

/** Whether a gap of that size is aligned exactly. */
export function isSmall(source: number, target: number): boolean {
  return source * target <= MOST_CELLS;
}

/** Textbook dynamic programming: lengths[s][t] of the rest from there on. */
function longest(source: readonly number[], target: readonly number[]): CommonSequence {
  const width = target.length + 1;
  const lengths = new Int32Array((source.length + 1) * width);
  const at = (s: number, t: number): number => lengths[s * width + t] as number;
  for (let s = source.length - 1; s >= 0; s -= 1) {
    for (let t = target.length - 1; t >= 0; t -= 1) {
      lengths[s * width + t] = source[s] === target[t] ? at(s + 1, t + 1) + 1 : Math.max(at(s + 1, t), at(s, t + 1));
    }
  }
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let s = 0, t = 0; s < source.length && t < target.length;) {
    if (source[s] === target[t]) {
      ours.push(s++);
      theirs.push(t++);
    } else if (at(s + 1, t) >= at(s, t + 1)) s += 1;
    else t += 1;
  }
  return { source: ours, target: theirs };
}

/** Longest increasing sequence of the target's places, over contents that are unique on both sides. */
function ofUnique(source: readonly number[], target: readonly number[]): CommonSequence {
  const [inSource, inTarget] = [uniquePlaces(source), uniquePlaces(target)];
  const pairs: { readonly s: number; readonly t: number; before: number }[] = [];
  for (const [s, hash] of source.entries()) {
    const t = inTarget.get(hash) ?? -1;
    if (t >= 0 && inSource.get(hash) === s) pairs.push({ s, t, before: -1 });
  }
  /** Index of the pair that ends the best sequence of each length. */
  const ends: number[] = [];
  for (const [index, pair] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pairs[ends[middle] ?? 0]?.t ?? 0) < pair.t) low = middle + 1;
      else high = middle;
    }
    pair.before = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = index;
  }
  const chain: { readonly s: number; readonly t: number }[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0;) {
    const pair = pairs[index];
    if (pair === undefined) break;
    chain.push(pair);
    index = pair.before;
  }
  chain.reverse();
  return { source: chain.map(({ s }) => s), target: chain.map(({ t }) => t) };
}

/** Place of each content that occurs once; -1 for one that occurs more often. */
function uniquePlaces(hashes: readonly number[]): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const [place, hash] of hashes.entries()) places.set(hash, places.has(hash) ? -1 : place);
  return places;
}
