import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../../../src/kafka/wire/decode.ts';
import { encodeMessage } from '../../../src/kafka/wire/encode.ts';
import type { Api, MessageSchema, WireValue } from '../../../src/kafka/wire/schema.ts';
import { LIST_GROUPS } from '../../../src/kafka/wire/api/list-groups.ts';
import { OFFSET_COMMIT } from '../../../src/kafka/wire/api/offset-commit.ts';
import { arbitraryBody } from './arbitrary-message.ts';

const API_DIR = join(import.meta.dirname, '../../../src/kafka/wire/api');

async function allApis(): Promise<Api<unknown, unknown>[]> {
  const modules = readdirSync(API_DIR).map((file) => import(join(API_DIR, file)) as Promise<Record<string, unknown>>);
  return (await Promise.all(modules)).flatMap((module) => Object.values(module) as Api<unknown, unknown>[]);
}

function plain(value: WireValue): WireValue {
  if (value instanceof Uint8Array) return `hex:${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

function bytesOf(schema: MessageSchema, version: number, body: Record<string, WireValue>): Buffer {
  return Buffer.concat(encodeMessage(schema, version, body));
}

describe('wire codec', () => {
  it('decodes what it encoded, for every API, version and direction', async () => {
    for (const api of await allApis()) {
      for (const schema of [api.request, api.response]) {
        for (let version = schema.min; version <= schema.max; version++) {
          fc.assert(
            fc.property(arbitraryBody(schema, version), (body) => {
              expect(plain(decodeMessage(schema, version, bytesOf(schema, version, body)))).toEqual(plain(body));
            }),
            { numRuns: 8 },
          );
        }
      }
    }
  });

  it('never reads past the end: every strict prefix is refused or decodes to less', () => {
    const body = { errorCode: 0, groups: [{ groupId: 'g', protocolType: 'consumer', groupState: 'Empty' }] };
    const bytes = bytesOf(LIST_GROUPS.response, 4, body);
    for (let length = 0; length < bytes.length - 1; length++) {
      expect(() => decodeMessage(LIST_GROUPS.response, 4, bytes.subarray(0, length))).toThrow(/malformed response/);
    }
  });

  it('skips tagged fields that it does not know', () => {
    const bytes = bytesOf(LIST_GROUPS.response, 5, { errorCode: 7, groups: [] });
    const tagged = Buffer.concat([bytes.subarray(0, -1), Buffer.from([1, 42, 3, 9, 9, 9])]);
    expect(decodeMessage(LIST_GROUPS.response, 5, tagged)['errorCode']).toBe(7);
  });

  it('writes the bytes of the protocol guide', () => {
    const body = { groupId: 'g', topics: [{ name: 't', partitions: [{ partitionIndex: 3, committedOffset: 42n }] }] };
    expect(bytesOf(OFFSET_COMMIT.request, 2, body).toString('hex')).toBe(
      '000167' +
        'ffffffff' +
        '0000' +
        'ffffffffffffffff' +
        '00000001' +
        '000174' +
        '00000001' +
        '00000003' +
        '000000000000002a' +
        '0000',
    );
    expect(bytesOf(OFFSET_COMMIT.request, 8, body).toString('hex')).toBe(
      '0267' +
        'ffffffff' +
        '01' +
        '00' +
        '02' +
        '0274' +
        '02' +
        '00000003' +
        '000000000000002a' +
        'ffffffff' +
        '01' +
        '00' +
        '00' +
        '00',
    );
  });

  it('refuses null where the version has none', () => {
    expect(() => bytesOf(OFFSET_COMMIT.request, 8, { groupId: null })).toThrow(/groupId must not be null/);
  });
});
