import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument } from 'yaml';
import {
  escapeComment,
  escapeCompose,
  escapeJson,
  escapePropertyKey,
  escapePropertyValue,
  escapeShell,
  escapeYaml,
} from '../../../src/render/escape.ts';
import { parseProperties } from '../../helpers/java-properties.ts';

/** Strings rich in what the formats treat specially. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...Array.from('\\=:#! \t\n\r\f"\'$`{}é\u00a0\u0085\u2028\u0000ü€')),
      fc.string({ unit: 'grapheme' }),
    ),
  )
  .map((parts) => parts.join(''));

describe('properties', () => {
  it('reads back as it was written, whatever key and value hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile)), (entries) => {
        const text = entries
          .map(([key, value]) => `${escapePropertyKey(key)}=${escapePropertyValue(value)}\n`)
          .join('');
        expect(parseProperties(text)).toEqual(new Map(entries));
      }),
    );
  });

  it('writes printable ASCII in one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(escapePropertyKey(text) + escapePropertyValue(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  it('leaves everyday values as people write them', () => {
    expect(escapePropertyValue('CLIENT://127.0.0.1:9092,INTERNAL://127.0.0.1:29092')).toBe(
      'CLIENT://127.0.0.1:9092,INTERNAL://127.0.0.1:29092',
    );
    expect(escapePropertyKey('primary->dr.topics')).toBe('primary->dr.topics');
  });

  it.each([
    ['  two blanks ', '\\ \\ two blanks\\ '],
    ['ü€', '\\u00fc\\u20ac'],
    ['😀', '\\ud83d\\ude00'],
    ['a\\.b', 'a\\\\.b'],
  ])('writes %j as %s', (value, text) => {
    expect(escapePropertyValue(value)).toBe(text);
  });
});

describe('json and yaml', () => {
  it('are read back by their parsers', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(JSON.parse(escapeJson(text))).toBe(text);
        expect(parse(`key: ${escapeYaml(text)}\n`)).toEqual({ key: text });
      }),
    );
  });

  it('keeps words that YAML would read as something else strings', () => {
    for (const text of ['no', 'null', '1e3', '22:22', '~', '', '- a', '2024-01-01']) {
      expect(parseDocument(`- ${escapeYaml(text)}\n`).toJS()).toEqual([text]);
    }
  });

  it('gives Compose back each dollar once it has interpolated', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const read = (parse(`- ${escapeCompose(text)}\n`) as string[])[0]!;
        expect(read.replaceAll('$$', '')).not.toContain('$');
        expect(read.replaceAll('$$', '$')).toBe(text);
      }),
    );
  });
});

describe('comments and shell', () => {
  it('keeps a comment on its line', () => {
    expect(escapeComment('a\nrm -rf /\u2028b')).toBe('a rm -rf / b');
  });

  it('hands a shell exactly the word', () => {
    const words = ['', "it's", '$HOME `id` "x"', 'a\nb', '-n', '\\', '*'];
    for (const word of words) {
      const printed = execFileSync('sh', ['-c', `printf '%s.' ${escapeShell(word)}`], { encoding: 'utf8' });
      expect(printed).toBe(`${word}.`);
    }
  });
});
