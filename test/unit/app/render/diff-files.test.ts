import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { diffFiles, driftError } from '../../../../src/app/render/diff-files.ts';
import { diffLines } from '../../../../src/app/render/diff-lines.ts';

const texts = fc
  .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 20 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''));

/** The new text, from the old one and a unified diff. */
function apply(before: string, diff: readonly string[]): string {
  const old = before.split('\n').slice(0, -1);
  const result: string[] = [];
  let position = 0;
  for (const line of diff) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === '0' ? 0 : 1);
      result.push(...old.slice(position, start));
      position = start;
      continue;
    }
    if (!line.startsWith('+')) expect(line.slice(1)).toBe(old[position++]);
    if (!line.startsWith('-')) result.push(line.slice(1));
  }
  return [...result, ...old.slice(position)].map((line) => `${line}\n`).join('');
}

it('leads from the old text to the new one', () => {
  fc.assert(
    fc.property(texts, texts, (before, after) => {
      const diff = diffLines(before, after);
      expect(apply(before, diff)).toBe(after);
      expect(diff.length === 0).toBe(before === after);
    }),
  );
});

it('is what the patch tool understands', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kmk-diff-'));
  try {
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const after = lines.toSpliced(3, 1, 'new', 'newer').toSpliced(30, 2);
    writeFileSync(join(dir, 'f'), `${lines.join('\n')}\n`);
    const diff = ['--- f', '+++ f', ...diffLines(`${lines.join('\n')}\n`, `${after.join('\n')}\n`)];
    expect(diff.filter((line) => line.startsWith('@@'))).toHaveLength(2);
    execFileSync('git', ['apply', '-'], { cwd: dir, input: `${diff.join('\n')}\n` });
    expect(readFileSync(join(dir, 'f'), 'utf8')).toBe(`${after.join('\n')}\n`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

it('names a missing last newline', () => {
  expect(diffLines('a', 'a\n')).toEqual(['@@ -1,2 +1,1 @@', ' a', '-\\ no newline at end of file']);
});

it('tells missing and changed files apart and leaves equal ones out', async () => {
  const disk = new Map([
    ['same', 's\n'],
    ['other', 'old\n'],
  ]);
  const rendered = ['same', 'other', 'new'].map((path) => ({ path, content: `${path[0] ?? ''}\n` }));
  const drifts = await diffFiles(rendered, (path) => Promise.resolve(disk.get(path) ?? null));
  expect(drifts.map(({ path, state }) => [path, state])).toEqual([
    ['other', 'changed'],
    ['new', 'missing'],
  ]);
  expect(drifts[1]?.lines).toEqual(['--- /dev/null', '+++ new (rendered)', '@@ -0,0 +1,1 @@', '+n']);
  expect(driftError(drifts)).toMatchObject({
    code: 'KMK_RENDER_DRIFT',
    message: '"other" differs from what kmk.yaml renders and 1 more',
  });
});
