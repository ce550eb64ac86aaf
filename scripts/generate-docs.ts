import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from '../src/cli/command-list.ts';
import { withCommandTable } from './command-table.ts';
import { errorsMarkdown, eventsMarkdown } from './docs-content.ts';

/** Writes the generated pages of docs/ and the command table of README.md. A test fails while they are out of date. */
const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
writeFileSync(new URL('docs/ERRORS.md', root), errorsMarkdown());
writeFileSync(new URL('docs/EVENTS.md', root), eventsMarkdown(read('src/domain/events.ts')));
writeFileSync(new URL('README.md', root), withCommandTable(read('README.md'), COMMANDS));
