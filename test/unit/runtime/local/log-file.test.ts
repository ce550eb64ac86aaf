import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { followLines, lastLines } from '../../../../src/runtime/local/log-file.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kmk-log-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('lastLines', () => {
  it('gives the last whole lines, however long they are', async () => {
    const file = join(dir, 'tail.log');
    const line = fc.string({ maxLength: 1500 }).map((text) => text.replace(/[\n\ufffd]/g, '.'));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.nat(14), async (lines, count) => {
        await writeFile(file, `${lines.map((text) => `${text}\n`).join('')}half`);
        const wanted = count === 0 ? [] : lines.slice(-count);
        expect(await lastLines(file, count)).toEqual(wanted.map((text) => Buffer.from(text).toString('utf8')));
      }),
      { numRuns: 60 },
    );
  });

  it('gives none of a file that does not exist', async () => {
    expect(await lastLines(join(dir, 'absent.log'), 5)).toEqual([]);
  });
});

describe('followLines', () => {
  it('starts with the last lines, hands on whole lines only, and goes on when the file begins anew', async () => {
    const file = join(dir, 'follow.log');
    await writeFile(file, 'a\nb\nc\nd');
    const seen: string[] = [];
    const stop = new AbortController();
    const following = followLines(file, 2, (line) => seen.push(line), stop.signal);
    await expect.poll(() => seen).toEqual(['b', 'c']);
    await appendFile(file, 'e\nf');
    await expect.poll(() => seen).toEqual(['b', 'c', 'de']);
    await writeFile(file, 'x\n');
    await expect.poll(() => seen).toEqual(['b', 'c', 'de', 'x']);
    stop.abort();
    await following;
  });

  it('waits for a file that does not exist yet', async () => {
    const file = join(dir, 'late.log');
    const seen: string[] = [];
    const stop = new AbortController();
    const following = followLines(file, 5, (line) => seen.push(line), stop.signal);
    await writeFile(file, 'first\n');
    await expect.poll(() => seen).toEqual(['first']);
    stop.abort();
    await following;
  });
});
