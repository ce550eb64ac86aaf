/** Writes compose/<example>/ anew from the templates: `npm run examples`. A test holds them equal. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXAMPLES, renderExample } from './examples.ts';

const TARGET = join(import.meta.dirname, '../compose');

for (const example of EXAMPLES) {
  const folder = join(TARGET, example.name);
  rmSync(folder, { recursive: true, force: true });
  for (const { path, content } of await renderExample(example)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
