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

const ADDRESS = /^(?:(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/;

/** Where a server listens; the port is 0 to 65535. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `9190`, `127.0.0.1:9190`, `[::1]:9190`, as they were typed; `addressOf` takes them apart. */
export const address: ValueParser<string> = {
  expects: 'a port or host:port',
  parse: (text) => (Number(ADDRESS.exec(text)?.[3]) <= 65_535 ? text : undefined),
};

/** Host and port of a text that `address` has read. A port alone is on the loopback address. */
export function addressOf(text: string): Address {
  const [, bracketed, plain, port] = ADDRESS.exec(text) ?? [];
  return { host: bracketed ?? plain ?? '127.0.0.1', port: Number(port) };
}

/** `http://host:port`, without a path. */
export const webUrl: ValueParser<string> = {
  expects: 'an http or https URL such as http://127.0.0.1:9190',
  parse: (text) => (/^https?:\/\/[^\s/]+\/?$/.test(text) && URL.canParse(text) ? text : undefined),
};
