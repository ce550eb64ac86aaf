import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../src/app/report/assemble-report.ts';
import { escapeMarkdown } from '../../../src/report/escape.ts';
import { renderMarkdown } from '../../../src/report/markdown.ts';
import { HOSTILE } from './fixture.ts';
import { hostileRun } from './hostile-run.ts';

/** Bars that part cells: those without a backslash before them. */
const bars = (line: string) => line.match(/(?<!\\)(?:\\\\)*\|/g)?.length ?? 0;

describe('the Markdown report', () => {
  it('lets no text become markup or break a table', () => {
    const markdown = renderMarkdown(assembleReport(hostileRun(`${HOSTILE}\n\n# heading`)));
    expect(markdown).not.toMatch(/<[a-z/]/i);
    expect(markdown).not.toMatch(/^# heading/m);
    expect(markdown).not.toContain('\u001b');
    const shape = (text: string) => text.split('\n').map(bars);
    expect(shape(markdown)).toEqual(shape(renderMarkdown(assembleReport(hostileRun('harmless')))));
  });

  it('keeps every row in one line with the cells of its header', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('|', '\\', '\n', '`', '<', 'a', '_', ' ') }), (text) => {
        const tables = renderMarkdown(assembleReport(hostileRun(`x${text}`)))
          .trimEnd()
          .split('\n\n')
          .filter((part) => part.startsWith('|'));
        expect(tables.length).toBeGreaterThan(10);
        for (const table of tables) expect(new Set(table.split('\n').map(bars)).size).toBe(1);
      }),
    );
  });

  it('leaves names readable', () => {
    expect(escapeMarkdown('primary.my_topic-1 a->b')).toBe('primary.my_topic-1 a->b');
    expect(escapeMarkdown('_x_ *y* [z](u) `c`')).toBe('\\_x\\_ \\*y\\* \\[z\\](u) \\`c\\`');
  });
});
