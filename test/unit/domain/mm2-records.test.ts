import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../src/domain/checkpoint.ts';
import { decodeCheckpoint } from '../../../src/domain/checkpoint.ts';
import type { Heartbeat } from '../../../src/domain/heartbeat.ts';
import { decodeHeartbeat } from '../../../src/domain/heartbeat.ts';
import type { Decoded } from '../../../src/domain/mm2-struct.ts';
import type { OffsetSync } from '../../../src/domain/offset-sync.ts';
import { decodeOffsetSync } from '../../../src/domain/offset-sync.ts';

interface Kind {
  readonly name: string;
  readonly encode: (value: never) => { key: Buffer; value: Buffer };
  readonly decode: (key: Uint8Array | null, value: Uint8Array | null) => Decoded<unknown>;
  readonly arbitrary: fc.Arbitrary<unknown>;
  /** Input, key and value as the serializers of connect-mirror 3.9.1 and 4.3.1 wrote them. */
  readonly golden: readonly (readonly [unknown, string, string])[];
  readonly hasVersion: boolean;
}

const name = fc.string({ unit: 'grapheme', maxLength: 30 });
const offset = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const partition = fc.integer();

const NO_VERSION = Buffer.from([0, 0]);

const KINDS: readonly Kind[] = [
  {
    name: 'checkpoint',
    encode: (value: Checkpoint) => ({
      key: Buffer.concat([text(value.group), text(value.topic), int32(value.partition)]),
      value: Buffer.concat([
        NO_VERSION,
        int64(value.upstreamOffset),
        int64(value.downstreamOffset),
        text(value.metadata),
      ]),
    }),
    decode: decodeCheckpoint,
    arbitrary: fc.record({
      ...{ group: name, topic: name, partition, upstreamOffset: offset, downstreamOffset: offset, metadata: name },
    }),
    golden: [
      [
        checkpoint('g1', 'primary.orders', 3, 1234567890123n, 42n, ''),
        '00026731000e7072696d6172792e6f726465727300000003',
        '00000000011f71fb04cb000000000000002a0000',
      ],
      [
        checkpoint('grüppe', 't', 0, 10n, 11n, 'méta'),
        '00076772c3bc70706500017400000000',
        '0000000000000000000a000000000000000b00056dc3a97461',
      ],
    ],
    hasVersion: true,
  },
  {
    name: 'heartbeat',
    encode: (value: Heartbeat) => ({
      key: Buffer.concat([text(value.sourceAlias), text(value.targetAlias)]),
      value: Buffer.concat([NO_VERSION, int64(BigInt(value.timestampMs))]),
    }),
    decode: decodeHeartbeat,
    arbitrary: fc.record({ sourceAlias: name, targetAlias: name, timestampMs: fc.maxSafeNat() }),
    golden: [
      [
        { sourceAlias: 'primary', targetAlias: 'dr', timestampMs: 1700000000123 },
        '00077072696d61727900026472',
        '00000000018bcfe5687b',
      ],
    ],
    hasVersion: true,
  },
  {
    name: 'offset sync',
    encode: (value: OffsetSync) => ({
      key: Buffer.concat([text(value.topic), int32(value.partition)]),
      value: Buffer.concat([int64(value.upstreamOffset), int64(value.downstreamOffset)]),
    }),
    decode: decodeOffsetSync,
    arbitrary: fc.record({ topic: name, partition, upstreamOffset: offset, downstreamOffset: offset }),
    golden: [
      [
        { topic: 'orders', partition: 3, upstreamOffset: 1234567890123n, downstreamOffset: 42n },
        '00066f726465727300000003',
        '0000011f71fb04cb000000000000002a',
      ],
    ],
    hasVersion: false,
  },
];

/** A byte changed, taken out or put in, somewhere. */
const EDIT = fc.record({
  at: fc.nat({ max: 120 }),
  how: fc.constantFrom('change', 'remove', 'insert'),
  byte: fc.integer({ min: 0, max: 255 }),
});

function edit(bytes: Buffer, { at, how, byte }: { at: number; how: string; byte: number }): Buffer {
  const from = at % (bytes.length + 1);
  const middle = how === 'remove' ? [] : [byte];
  return Buffer.concat([
    bytes.subarray(0, from),
    Buffer.from(middle),
    bytes.subarray(how === 'insert' ? from : from + 1),
  ]);
}

function checkpoint(
  group: string,
  topic: string,
  at: number,
  upstreamOffset: bigint,
  downstreamOffset: bigint,
  metadata: string,
) {
  return { group, topic, partition: at, upstreamOffset, downstreamOffset, metadata };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeInt16BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

function hex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

describe.each(KINDS)('$name records', (kind) => {
  it.each(kind.golden)('are read from the bytes of MirrorMaker 2: %o', (value, key, bytes) => {
    expect(kind.decode(hex(key), hex(bytes))).toEqual({ kind: 'record', record: value });
  });

  it('come back as they were written, whatever follows them and wherever they lie', () => {
    fc.assert(
      fc.property(kind.arbitrary, fc.uint8Array({ maxLength: 9 }), (value, trailing) => {
        const encoded = kind.encode(value as never);
        const embed = (bytes: Uint8Array) => {
          const buffer = Buffer.concat([Buffer.from([1, 2, 3]), bytes, trailing]);
          return buffer.subarray(3);
        };
        expect(kind.decode(embed(encoded.key), embed(encoded.value))).toEqual({ kind: 'record', record: value });
      }),
    );
  });

  it('are malformed when key or value is cut short anywhere', () => {
    const [[, key, value] = ['', '', '']] = kind.golden;
    for (let length = 0; length < key.length / 2; length++) {
      expect(kind.decode(hex(key).subarray(0, length), hex(value)).kind).toBe('malformed');
    }
    for (let length = 0; length < value.length / 2; length++) {
      expect(kind.decode(hex(key), hex(value).subarray(0, length)).kind).toBe('malformed');
    }
  });

  it('never throw, whatever the bytes', () => {
    const bytes = fc.option(fc.uint8Array({ maxLength: 60 }), { nil: null });
    fc.assert(
      fc.property(bytes, bytes, (key, value) => {
        expect(['record', 'tombstone', 'malformed']).toContain(kind.decode(key, value).kind);
      }),
    );
  });

  it('are tombstones without a value and malformed without a key', () => {
    expect(kind.decode(hex('00'), null)).toEqual({ kind: 'tombstone' });
    expect(kind.decode(null, hex('00'))).toEqual({ kind: 'malformed', reason: 'no key' });
  });

  it('never throw for a real record with bytes changed, left out or put in, and give only what is in the bytes', () => {
    fc.assert(
      fc.property(
        kind.arbitrary,
        fc.array(EDIT, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (record, edits, inKey) => {
          const encoded = kind.encode(record as never);
          const edited = edits.reduce(edit, inKey ? encoded.key : encoded.value);
          const [key, value] = inKey ? [edited, encoded.value] : [encoded.key, edited];
          const decoded = kind.decode(key, value);
          if (decoded.kind !== 'record') {
            expect(decoded.kind).toBe('malformed');
            return;
          }
          // What was read is what the bytes say: written again they are the same, but for bytes behind the end.
          const again = kind.encode(decoded.record as never);
          expect(key.subarray(0, again.key.length).equals(again.key)).toBe(true);
          expect(value.subarray(0, again.value.length).equals(again.value)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.runIf(kind.hasVersion)('are malformed with any version that kmk does not know', () => {
    const [[, key, value] = ['', '', '']] = kind.golden;
    fc.assert(
      fc.property(fc.integer({ min: -0x8000, max: 0x7fff }), (version) => {
        const bytes = Buffer.from(value, 'hex');
        bytes.writeInt16BE(version);
        const decoded = kind.decode(hex(key), bytes);
        const reason = `unknown version ${version}`;
        expect(decoded.kind === 'record' ? 0 : decoded).toEqual(version === 0 ? 0 : { kind: 'malformed', reason });
      }),
    );
  });
});

describe('strings of MM2 records', () => {
  it('keep a leading byte order mark: it is part of the name', () => {
    const value = hex('0000000000000001' + '0000000000000001');
    const decoded = decodeOffsetSync(Buffer.concat([text('\uFEFFt'), int32(0)]), value);
    expect(decoded.kind === 'record' && decoded.record.topic).toBe('\uFEFFt');
  });

  it('are malformed when they are not UTF-8 or have a negative length', () => {
    const value = hex('0000000000000001' + '0000000000000001');
    expect(decodeOffsetSync(hex('0001ff00000000'), value)).toEqual({
      kind: 'malformed',
      reason: 'a string that is not UTF-8',
    });
    expect(decodeOffsetSync(hex('ffff00000000'), value).kind).toBe('malformed');
  });
});
