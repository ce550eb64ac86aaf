import type { OutgoingHeader, OutgoingRecord } from '../ports/record-client.ts';

/** Where the records of a `produce` come from. */
export interface RecordSource {
  /** The next records: one to `count` of them, none when they have come to their end. */
  take(count: number): Promise<readonly OutgoingRecord[]>;
}

/** What every record of one call has in common. */
export interface RecordShape {
  /** Text is written as UTF-8, bytes as they are; the same for headers. */
  readonly key: Uint8Array | string | null;
  readonly headers: Readonly<Record<string, Uint8Array | string>>;
  /** null leaves it to the key, else records take turns over `partitions`. */
  readonly partition: number | null;
  readonly partitions: number;
}

export interface GeneratedValues {
  /** Exact bytes of each value; null for short texts. */
  readonly size: number | null;
  /** For the short texts: where and when they were sent. */
  readonly cluster: string;
  readonly now: () => number;
}

const PADDING = 'abcdefghijklmnopqrstuvwxyz0123456789';
const encoder = new TextEncoder();

/**
 * Records without end: `message 7 ...`, one line of printable text each. Without a key they take turns over the
 * partitions, so that a few sample records already fill each of them.
 */
export function generatedRecords(shape: RecordShape, values: GeneratedValues): RecordSource {
  const valueOf = values.size === null ? shortText(values) : sizedText(values.size);
  const place = placer(shape);
  let number = 0;
  return {
    take(count) {
      const at = new Date(values.now()).toISOString();
      const records = new Array<OutgoingRecord>(count);
      for (let index = 0; index < count; index += 1) records[index] = place(valueOf((number += 1), at));
      return Promise.resolve(records);
    },
  };
}

/** A value of a record: text is written as UTF-8, bytes as they are. */
export type LineValue = Uint8Array | string;

/** One record a line; lines come as many at a time as there are, so that none waits for others. */
export function lineRecords(shape: RecordShape, lines: AsyncIterable<readonly LineValue[]>): RecordSource {
  const iterator = lines[Symbol.asyncIterator]();
  const place = placer(shape);
  let ready: readonly LineValue[] = [];
  let at = 0;
  return {
    async take(count) {
      while (at >= ready.length) {
        const next = await iterator.next();
        if (next.done === true) return [];
        [ready, at] = [next.value, 0];
      }
      const taken = ready.slice(at, at + count);
      at += taken.length;
      return taken.map((line) => place(bytesOf(line)));
    },
  };
}

function placer(shape: RecordShape): (value: Uint8Array) => OutgoingRecord {
  const { partition, partitions } = shape;
  const list = Object.entries(shape.headers).map(([key, value]): OutgoingHeader => ({ key, value: bytesOf(value) }));
  const headers = list.length === 0 ? {} : { headers: list };
  const key = shape.key === null ? null : bytesOf(shape.key);
  let turn = 0;
  if (partition !== null) return (value) => ({ key, value, partition, ...headers });
  if (key !== null) return (value) => ({ key, value, ...headers });
  return (value) => ({ key, value, partition: turn++ % partitions, ...headers });
}

function bytesOf(value: LineValue): Uint8Array {
  return typeof value === 'string' ? encoder.encode(value) : value;
}

function shortText(values: GeneratedValues): (number: number, at: string) => Uint8Array {
  return (number, at) => encoder.encode(`message ${number} sent to ${values.cluster} at ${at}`);
}

/** The number, then padding; a value too short for its number keeps what fits. */
function sizedText(size: number): (number: number) => Uint8Array {
  const template = encoder.encode(PADDING.repeat(Math.ceil(size / PADDING.length))).subarray(0, size);
  return (number) => {
    const value = template.slice();
    encoder.encodeInto(`message ${number} `, value);
    return value;
  };
}
