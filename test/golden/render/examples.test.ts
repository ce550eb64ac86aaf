import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { expect, it } from 'vitest';
import { EXAMPLES, renderExample } from '../../../scripts/examples.ts';

const COMPOSE = join(import.meta.dirname, '../../../compose');

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.startsWith('secrets/'))
    .sort();
}

it('has a folder for each example and no other', () => {
  const folders = readdirSync(COMPOSE, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(EXAMPLES.map(({ name }) => name).sort());
});

it.each(EXAMPLES.map((example) => [example.name, example] as const))(
  'compose/%s equals its templates: `npm run examples` writes it anew',
  async (name, example) => {
    const rendered = await renderExample(example);
    expect(filesBelow(join(COMPOSE, name))).toEqual(rendered.map(({ path }) => path).sort());
    for (const { path, content } of rendered) {
      expect(readFileSync(join(COMPOSE, name, path), 'utf8'), path).toBe(content);
    }
  },
);
