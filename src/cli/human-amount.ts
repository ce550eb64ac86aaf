const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1 record`, `12 records`. */
export function humanCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `512 B`, `1.5 KiB`, `976.6 KiB`, `3.2 GiB`. */
export function humanBytes(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return unit === 0 ? `${bytes} B` : `${amount.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
