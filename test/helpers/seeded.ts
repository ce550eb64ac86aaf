/** The seed of this run: KMK_SEED repeats one that was printed. `usual` where every run is to be the same without it. */
export function seedOfRun(what: string, usual = Math.floor(Math.random() * 2 ** 31)): number {
  const seed = Number(process.env['KMK_SEED'] ?? usual);
  console.info(`${what}: KMK_SEED=${seed}`);
  return seed;
}

/** Numbers from 0 to 1 (mulberry32): the same ones for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
