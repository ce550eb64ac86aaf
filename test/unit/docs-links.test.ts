import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withCommandTable } from '../../scripts/command-table.ts';
import { COMMANDS } from '../../src/cli/command-list.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.kmk', 'coverage', '__snapshots__']);

const markdownIn = (dir: string): readonly string[] =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });

const read = (path: string): string => readFileSync(path, 'utf8');
const withoutFences = (text: string): string => text.replaceAll(/^```[\s\S]*?^```/gm, '');

/** Targets of `[text](target)` outside of code that are no address of the web. */
const localLinks = (text: string): readonly string[] =>
  [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));

/** GitHub's id of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set([...withoutFences(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? '')));

const problemOf = (page: string, link: string): string | null => {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), decodeURIComponent(path));
  if (!existsSync(target)) return `${link}: no such file`;
  if (anchor === undefined || !statSync(target).isFile()) return null;
  return anchorsOf(read(target)).has(anchor) ? null : `${link}: no such heading`;
};

const NAMES = new Set(COMMANDS.map(({ name }) => name));
const NOUNS = new Set([...NAMES].map((name) => name.split(' ')[0] ?? ''));

/** What follows `kmk` in code, as far as it can be the name of a command: one or two words. */
const calledIn = (text: string): readonly string[] =>
  [...text.matchAll(/(?:`|^\$? *|&& )kmk ((?:[a-z]+(?: [a-z]+)?)?)/gm)]
    .map(([, words]) => words ?? '')
    .filter((words) => words !== '');

const isCommand = (words: string): boolean => {
  const [noun = ''] = words.split(' ');
  return NAMES.has(words) || NAMES.has(noun) || (NOUNS.has(noun) && words === noun);
};

const pages = markdownIn(ROOT).map((path) => [relative(ROOT, path), path] as const);

describe('local links', () => {
  it.each(pages)('%s leads somewhere', (_name, path) => {
    const problems = localLinks(read(path)).map((link) => problemOf(path, link));
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
  });

  it('are looked at: a wrong one is a problem', () => {
    const readme = join(ROOT, 'README.md');
    expect(localLinks('a [b](docs/NONE.md) and [c](https://example.com)')).toEqual(['docs/NONE.md']);
    expect(problemOf(readme, 'docs/NONE.md')).toMatch('no such file');
    expect(problemOf(readme, 'CONTRIBUTING.md#no-such-heading')).toMatch('no such heading');
  });
});

describe('commands in pages for users', () => {
  it.each(['README.md', 'docs/RUNBOOK.md', 'docs/ARCHITECTURE.md'])('%s names only commands that exist', (page) => {
    const called = calledIn(read(join(ROOT, page)));
    expect(called.length).toBeGreaterThan(0);
    expect(called.filter((words) => !isCommand(words))).toEqual([]);
  });

  it('are looked at: an unknown one is found', () => {
    const called = calledIn('Run `kmk conjure --yes`, then\n$ kmk topic list\nkmk deploy && kmk vanish');
    expect(called).toEqual(['conjure', 'topic list', 'deploy', 'vanish']);
    expect(called.filter((words) => !isCommand(words))).toEqual(['conjure', 'vanish']);
    expect(isCommand('topic conjure')).toBe(false);
  });

  it('README.md lists every command with its summary (`npm run docs` writes the table)', () => {
    const readme = read(join(ROOT, 'README.md'));
    expect(readme).toBe(withCommandTable(readme, COMMANDS));
  });
});
