/** MurmurHash3's mixing constants. */
const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;

/**
 * A hash of bytes[from..to) and a number, below 2^53: two 32-bit lanes, cut to 53 bits. Not cryptographic: two records
 * that differ collide with a chance of 2^-53.
 */
export function hashBytes(bytes: Buffer, from: number, to: number, seed: number): number {
  let [a, b] = [mixed(seed | 0), mixed(Math.floor(seed / 0x1_0000_0000) ^ 0x9e3779b9)];
  let at = from;
  for (; at + 4 <= to; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    a = Math.imul((a ^ word) | 0, C1);
    a ^= a >>> 15;
    b = Math.imul((b + word) | 0, C2);
    b = (b << 13) | (b >>> 19);
  }
  let rest = to - from;
  for (; at < to; at++) rest = (Math.imul(rest, 257) + (bytes[at] as number)) | 0;
  a = mixed(a ^ rest);
  b = mixed(b + rest + Math.imul(a, C1));
  return (a & 0x1f_ffff) * 0x1_0000_0000 + (b >>> 0);
}

/** MurmurHash3's finaliser: every bit of the input reaches every bit of the result. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
