import { once } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../src/cli/input-lines.ts';
import { createLinePrinter } from '../../../src/cli/line-printer.ts';
import { sparkline } from '../../../src/cli/sparkline.ts';
import { createTextOut } from '../../../src/cli/streams.ts';

async function all(stream: Readable): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const some of linesOf(stream)) lines.push(...some.map((line) => Buffer.from(line).toString()));
  return lines;
}

describe('linesOf', () => {
  it('gives the same lines however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { minLength: 1, maxLength: 8 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        async (texts, cuts) => {
          const lines = texts.map((text) => `x${text.replace(/[\r\n]/g, '')}`);
          const bytes = Buffer.from(lines.join('\n'));
          const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
          const chunks = places.slice(1).map((to, index) => bytes.subarray(places[index], to));
          expect(await all(Readable.from(chunks.filter(({ length }) => length > 0)))).toEqual(lines);
        },
      ),
    );
  });

  it('keeps empty lines, drops carriage returns, and needs no last line break', async () => {
    expect(await all(Readable.from([Buffer.from('a\r\n\r\nb')]))).toEqual(['a', '', 'b']);
    expect(await all(Readable.from([Buffer.from('a\n')]))).toEqual(['a']);
    expect(await all(Readable.from([]))).toEqual([]);
  });

  it('gives bytes as they are, whether they are text or not', async () => {
    const bytes = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a, 0xff, 0xef, 0xbb, 0xbf, 0x00]);
    const lines: string[] = [];
    for await (const some of linesOf(Readable.from([bytes.subarray(0, 6), bytes.subarray(6)]))) {
      lines.push(...some.map((line) => Buffer.from(line).toString('hex')));
    }
    expect(lines).toEqual(['636166e9', 'ffefbbbf00']);
  });

  it('misses nothing of a stream that has ended before it is read', async () => {
    const stream = new PassThrough();
    stream.end('a\nb\n');
    await new Promise((resolve) => setImmediate(resolve));
    expect(await all(stream)).toEqual(['a', 'b']);
  });
});

describe('a line printer', () => {
  it('writes every line once, in order', async () => {
    const chunks: string[] = [];
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    });
    const out = createTextOut(stream);
    const printer = createLinePrinter(out);
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} ${'x'.repeat(index % 50)}`);
    for (const line of lines) await printer.line(line);
    await printer.flush();
    out.release();
    expect(chunks.join('')).toBe(lines.map((line) => `${line}\n`).join(''));
    expect(chunks.length).toBeLessThan(20);
  });

  it('prints a lone line without being told to', async () => {
    const stream = new PassThrough();
    const printer = createLinePrinter(createTextOut(stream));
    void printer.line('alone');
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('alone\n');
  });
});

describe('sparkline', () => {
  it('keeps the peak, whatever the width', () => {
    expect(sparkline([0, 1, 2, 4])).toBe('▁▃▅█');
    const values = Array.from({ length: 1000 }, (_, index) => (index === 777 ? 100 : 1));
    expect(sparkline(values, 40)).toHaveLength(40);
    expect(sparkline(values, 40)).toContain('█');
    expect([sparkline([]), sparkline([0, 0])]).toEqual(['', '▁▁']);
  });
});
