/** One column: its heading and whether its cells are numbers (aligned to the right). */
export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

/** A cell, or a cell with a colour: the colour is applied after the width was measured. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

const GAP = '  ';

/** Aligned columns under uppercase headings, the way kubectl and rpk print them. No trailing spaces or line break. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const lines = [columns.map((column): Cell => column.title.toUpperCase()), ...rows];
  const widths = columns.map((_, index) => Math.max(0, ...lines.map((line) => textWidth(textOf(line[index] ?? '')))));
  return lines.map((line) => formatLine(columns, widths, line)).join('\n');
}

/** `label: value` lines with the values aligned. */
export function pairs(entries: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...entries.map(([label]) => textWidth(label)));
  return entries.map(([label, value]) => `${label}:${' '.repeat(width - textWidth(label))} ${value}`).join('\n');
}

function formatLine(columns: readonly Column[], widths: readonly number[], line: readonly Cell[]): string {
  return columns
    .map((column, index) => {
      const cell = line[index] ?? '';
      const text = textOf(cell);
      const padding = ' '.repeat((widths[index] ?? 0) - textWidth(text));
      const shown = typeof cell === 'string' ? text : cell.paint(text);
      if (column.numeric === true) return `${padding}${shown}`;
      return index === columns.length - 1 ? shown : `${shown}${padding}`;
    })
    .join(GAP)
    .trimEnd();
}

/** Line breaks and tabs would break the table. */
function textOf(cell: Cell): string {
  return (typeof cell === 'string' ? cell : cell.text).replace(/[\r\n\t]+/g, ' ');
}

/** Code points; wide characters do not occur in names that Kafka allows. */
function textWidth(text: string): number {
  return Array.from(text).length;
}
