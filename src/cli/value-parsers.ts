import { parseDuration } from '../util/duration.ts';

/** Reads one word of the command line. */
export interface ValueParser<T> {
  /** What a right value looks like, for the error message: `a whole number from 1`. */
  readonly expects: string;
  /** undefined when the text is not such a value. */
  readonly parse: (text: string) => T | undefined;
}

export const anyText: ValueParser<string> = { expects: 'a value', parse: (text) => text };

export const nonEmptyText: ValueParser<string> = {
  expects: 'a value that is not empty',
  parse: (text) => (text === '' ? undefined : text),
};

/** A whole number within the bounds, both included. `_` is not a digit here: scripts paste plain numbers. */
export function wholeNumber(bounds: { readonly min?: number; readonly max?: number } = {}): ValueParser<number> {
  const min = bounds.min ?? 0;
  const max = bounds.max ?? Number.MAX_SAFE_INTEGER;
  const upTo = bounds.max === undefined ? '' : ` to ${max}`;
  return {
    expects: `a whole number from ${min}${upTo}`,
    parse: (text) => {
      if (!/^-?\d+$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** A Kafka offset: decimal digits, any size. */
export const offset: ValueParser<bigint> = {
  expects: 'an offset (a whole number)',
  parse: (text) => (/^\d+$/.test(text) ? BigInt(text) : undefined),
};

/** `250ms`, `30s`, `5m`, `1h`; milliseconds. */
export const duration: ValueParser<number> = {
  expects: 'a duration such as 500ms, 30s, 5m or 1h',
  parse: (text) => parseDuration(text) ?? undefined,
};

/** `key=value`; the value may be empty and may hold `=`. */
export const keyValue: ValueParser<readonly [string, string]> = {
  expects: 'key=value',
  parse: (text) => {
    const at = text.indexOf('=');
    return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : undefined;
  },
};

/** One of the words. */
export function oneOf<const W extends string>(
  ...words: readonly W[]
): ValueParser<W> & { readonly words: readonly W[] } {
  return {
    expects: `one of ${words.join(', ')}`,
    words,
    parse: (text) => words.find((word) => word === text),
  };
}
