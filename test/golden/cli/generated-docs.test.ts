import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsMarkdown, eventsMarkdown } from '../../../scripts/docs-content.ts';
import { ERROR_CODES } from '../../../src/domain/errors.ts';
import { EVENT_LEVELS } from '../../../src/domain/events.ts';

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('generated pages are up to date (`npm run docs` writes them)', () => {
  it('docs/ERRORS.md names every code', () => {
    expect(read('docs/ERRORS.md')).toBe(errorsMarkdown());
    for (const code of Object.keys(ERROR_CODES)) expect(errorsMarkdown()).toContain(`\`${code}\``);
  });

  it('docs/EVENTS.md names every event with its data', () => {
    const page = eventsMarkdown(read('src/domain/events.ts'));
    expect(read('docs/EVENTS.md')).toBe(page);
    for (const event of Object.keys(EVENT_LEVELS)) expect(page).toMatch(new RegExp(`\`${event}\` *\\| \\w+ *\\| \``));
  });
});
