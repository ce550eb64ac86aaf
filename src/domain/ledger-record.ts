/**
 * The records of a ledgered workload: numbered per stream and partition, with contents that follow from seed and number
 * alone, so that any reader can tell what a record must be without a copy of it.
 */
export interface LedgerStamp {
  readonly run: string;
  readonly stream: string;
  /** The partition that the number belongs to. */
  readonly partition: number;
  readonly seq: number;
  /** The cluster it was written on. */
  readonly site: string;
  readonly epoch: number;
  /** Of the value, as 8 hex digits. */
  readonly hash: string;
}

export const LEDGER_HEADERS = {
  run: 'kmk-run',
  stream: 'kmk-stream',
  at: 'kmk-partition',
  seq: 'kmk-seq',
  site: 'kmk-site',
  epoch: 'kmk-epoch',
  hash: 'kmk-hash',
} as const;

export function stampHeaders(stamp: LedgerStamp): Readonly<Record<string, string>> {
  return {
    [LEDGER_HEADERS.run]: stamp.run,
    [LEDGER_HEADERS.stream]: stamp.stream,
    [LEDGER_HEADERS.at]: String(stamp.partition),
    [LEDGER_HEADERS.seq]: String(stamp.seq),
    [LEDGER_HEADERS.site]: stamp.site,
    [LEDGER_HEADERS.epoch]: String(stamp.epoch),
    [LEDGER_HEADERS.hash]: stamp.hash,
  };
}

interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const DECODER = new TextDecoder();

/** The stamp of a record; null for one that no ledger wrote. */
export function readStamp(headers: readonly Header[]): LedgerStamp | null {
  const found = new Map<string, string>();
  for (const { key, value } of headers)
    if (key.startsWith('kmk-') && value !== null) found.set(key, DECODER.decode(value));
  const text = (name: keyof typeof LEDGER_HEADERS): string | undefined => found.get(LEDGER_HEADERS[name]);
  const number = (name: 'at' | 'seq' | 'epoch'): number => Number(text(name) ?? Number.NaN);
  const [run, stream, site, hash] = [text('run'), text('stream'), text('site'), text('hash')];
  const [partition, seq, epoch] = [number('at'), number('seq'), number('epoch')];
  if (run === undefined || stream === undefined || site === undefined || hash === undefined) return null;
  if (![partition, seq, epoch].every((value) => Number.isSafeInteger(value) && value >= 0)) return null;
  return { run, stream, partition, seq, site, epoch, hash };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ENCODER = new TextEncoder();
/** Long enough that neighbouring records do not look alike, short enough to make at once. */
const PATTERN_LENGTH = 8192;

/** Makes the values of one drill: printable ASCII of exactly `size` bytes, at least as long as the number takes. */
export function createValues(
  seed: number,
): (stream: string, partition: number, seq: number, size: number) => Uint8Array {
  const random = createRandom(seed);
  const pattern = Array.from({ length: PATTERN_LENGTH }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join(
    '',
  );
  return (stream, partition, seq, size) => {
    const head = `${stream}-${partition}-${seq} `;
    const from = (seq * 31 + partition * 977) % PATTERN_LENGTH;
    let text = head;
    while (text.length < size) text += pattern.slice(text.length === head.length ? from : 0);
    return ENCODER.encode(text.slice(0, Math.max(size, head.length)));
  };
}

/** FNV-1a of 32 bits as 8 hex digits: tells damaged records from whole ones, protects nothing. */
export function valueHash(value: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of value) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** mulberry32: numbers from 0 to below 1 that follow from the seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
