import { readFileSync, writeFileSync } from 'node:fs';
import { errorsMarkdown, eventsMarkdown } from './docs-content.ts';

/** Writes the generated pages of docs/. A test fails while they differ from what this writes. */
const root = new URL('../', import.meta.url);
writeFileSync(new URL('docs/ERRORS.md', root), errorsMarkdown());
writeFileSync(
  new URL('docs/EVENTS.md', root),
  eventsMarkdown(readFileSync(new URL('src/domain/events.ts', root), 'utf8')),
);
