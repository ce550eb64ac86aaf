import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairs, table } from '../../../src/cli/table.ts';

describe('table', () => {
  it('aligns text to the left and numbers to the right, without trailing spaces', () => {
    const columns = [{ title: 'topic' }, { title: 'lag', numeric: true }, { title: 'state' }];
    expect(
      table(columns, [
        ['orders', '7', 'running'],
        ['primary.orders', '12345', ''],
      ]),
    ).toBe(['TOPIC             LAG  STATE', 'orders              7  running', 'primary.orders  12345'].join('\n'));
  });

  it('measures before it paints', () => {
    const paint = (text: string): string => `<${text}>`;
    const columns = [{ title: 'a' }, { title: 'b', numeric: true }];
    expect(
      table(columns, [
        [
          { text: 'x', paint },
          { text: '1', paint },
        ],
        ['long', '22'],
      ]),
    ).toBe('A      B\n<x>      <1>\nlong  22');
  });

  it('has one line a row, whatever is in the cells, and columns that start together', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '\n', '\t'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, fc.constant('#')), { maxLength: 8 }), (rows) => {
        const lines = table([{ title: 'first' }, { title: 'x' }], rows).split('\n');
        expect(lines).toHaveLength(rows.length + 1);
        const at = lines[0]?.indexOf('X');
        for (const line of lines.slice(1)) expect(line.lastIndexOf('#')).toBe(at);
      }),
    );
  });
});

describe('pairs', () => {
  it('aligns values', () => {
    expect(
      pairs([
        ['state', 'running'],
        ['active', 'dr'],
      ]),
    ).toBe('state:  running\nactive: dr');
    expect(pairs([])).toBe('');
  });
});
