const BARS = '▁▂▃▄▅▆▇█';

/** A curve in one line: the highest value of each slice of time, scaled to the highest of all. */
export function sparkline(values: readonly number[], width = 60): string {
  const most = Math.max(0, ...values);
  const columns = Math.min(width, values.length);
  let line = '';
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns));
    const value = Math.max(...values.slice(from, to));
    line += BARS[most === 0 ? 0 : Math.round((value / most) * (BARS.length - 1))] ?? '';
  }
  return line;
}
