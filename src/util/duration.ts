/** Milliseconds per unit, longest first. */
const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** What a duration looks like, for schemas and messages: `250ms`, `30s`, `1.5m`, `1h30m`. */
export const DURATION_PATTERN = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/**
 * Milliseconds of `250ms`, `30s`, `5m`, `1.5h`, `2d` or several of them in a row (`1m30s`), rounded to whole ones.
 * Null for anything else: a number without a unit is refused, because readers disagree about what it means.
 */
export function parseDuration(text: string): number | null {
  if (!DURATION_PATTERN.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNITS.find(([name]) => name === unit)?.[1] ?? Number.NaN);
  }
  const rounded = Math.round(total);
  return Number.isSafeInteger(rounded) ? rounded : null;
}

/** The shortest exact form: `parseDuration(formatDuration(ms)) === ms` for every whole number of milliseconds from 0. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text === '' ? '0s' : text;
}
