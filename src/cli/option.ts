import { KmkError } from '../domain/errors.ts';
import { nearestName } from '../util/nearest.ts';
import { anyText, type ValueParser } from './value-parsers.ts';

/** What the argument parser hands over for one option. */
export type RawValue = string | boolean | readonly string[] | undefined;

/** An option as declared: cheap to build, no parser library involved. `T` is what the handler gets. */
export interface OptionSpec<T> {
  /** As commander writes them: `-t, --topic <name>`, `--no-ui`, `--simulate [how]`. */
  readonly flags: string;
  readonly summary: string;
  /** Environment variable that stands in when the flag is absent. */
  readonly env: string | undefined;
  readonly repeatable: boolean;
  /** Words a value can be, for help and completion. */
  readonly choices: readonly string[];
  /** How the default reads in help; undefined hides it. */
  readonly defaultText: string | undefined;
  /** Turns what was typed (undefined: nothing) into the value. Throws KMK_USAGE. */
  readonly read: (raw: RawValue, source: string) => T;
}

/** A positional argument as declared: `<topic>` is required, `[topic]` is not, `[args...]` takes the rest. */
export interface ArgumentSpec<T> {
  readonly usage: string;
  readonly summary: string;
  readonly choices: readonly string[];
  readonly read: (raw: RawValue, source: string) => T;
}

interface Settings {
  readonly env?: string;
}

/** On or off: `--follow`. */
export function flag(flags: string, summary: string, settings: Settings = {}): OptionSpec<boolean> {
  return spec(flags, summary, settings, { read: (raw, source) => readFlag(raw, source, false) });
}

/** On unless `--no-x` is given. */
export function offSwitch(flags: string, summary: string, settings: Settings = {}): OptionSpec<boolean> {
  return spec(flags, summary, settings, { read: (raw, source) => readFlag(raw, source, true) });
}

type ValueSettings<T> = Settings & { readonly parser: ValueParser<T> };

/** A value with a default, one that must be given, or one that may be absent (undefined). */
export function value<T>(
  flags: string,
  summary: string,
  settings: ValueSettings<T> & ({ readonly default: NoInfer<T> } | { readonly required: true }),
): OptionSpec<T>;
export function value<T>(flags: string, summary: string, settings: ValueSettings<T>): OptionSpec<T | undefined>;
export function value<T>(
  flags: string,
  summary: string,
  settings: ValueSettings<T> & { readonly default?: T; readonly required?: true },
): OptionSpec<T | undefined> {
  return spec(flags, summary, settings, {
    choices: wordsOf(settings.parser),
    defaultText: settings.default === undefined ? undefined : String(settings.default),
    read: (raw, source) => {
      if (typeof raw === 'string') return parseWith(settings.parser, raw, source);
      if (settings.required) throw missing(`option ${longFlag(flags)} is required`);
      return settings.default;
    },
  });
}

/** A value that may be left out: `--simulate [how]` alone means `bare`. */
export function optionalValue<T>(
  flags: string,
  summary: string,
  settings: ValueSettings<T> & { readonly bare: NoInfer<T> },
): OptionSpec<T | undefined> {
  return spec(flags, summary, settings, {
    choices: wordsOf(settings.parser),
    read: (raw, source) => {
      if (raw === true) return settings.bare;
      return typeof raw === 'string' ? parseWith(settings.parser, raw, source) : undefined;
    },
  });
}

/** May be given several times; commas are part of the value. */
export function values<T>(flags: string, summary: string, settings: ValueSettings<T>): OptionSpec<readonly T[]> {
  return {
    ...spec(flags, summary, settings, {
      choices: wordsOf(settings.parser),
      read: (raw, source) => listOf(raw).map((text) => parseWith(settings.parser, text, source)),
    }),
    repeatable: true,
  };
}

/** A positional that must be given. */
export function argument<T>(usage: `<${string}>`, summary: string, parser: ValueParser<T>): ArgumentSpec<T>;
/** A positional that may be absent. */
export function argument<T>(usage: `[${string}]`, summary: string, parser: ValueParser<T>): ArgumentSpec<T | undefined>;
export function argument<T>(usage: string, summary: string, parser: ValueParser<T>): ArgumentSpec<T | undefined> {
  return {
    usage,
    summary,
    choices: wordsOf(parser),
    read: (raw, source) => {
      if (typeof raw === 'string') return parseWith(parser, raw, source);
      if (usage.startsWith('<')) throw missing(`argument ${usage} is missing`);
      return undefined;
    },
  };
}

/** The rest of the line: `[args...]`, with `<args...>` at least one. */
export function restArguments(usage: string, summary: string): ArgumentSpec<readonly string[]> {
  return {
    usage,
    summary,
    choices: [],
    read: (raw) => {
      const words = listOf(raw);
      if (usage.startsWith('<') && words.length === 0) throw missing(`argument ${usage} is missing`);
      return words.map((word) => parseWith(anyText, word, usage));
    },
  };
}

/** `--topic` of `-t, --topic <name>`. */
export function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

function spec<T>(
  flags: string,
  summary: string,
  settings: Settings,
  rest: Pick<OptionSpec<T>, 'read'> & Partial<Pick<OptionSpec<T>, 'choices' | 'defaultText'>>,
): OptionSpec<T> {
  return { flags, summary, env: settings.env, repeatable: false, choices: [], defaultText: undefined, ...rest };
}

function wordsOf(parser: object): readonly string[] {
  return 'words' in parser && Array.isArray(parser.words) ? (parser.words as string[]) : [];
}

function listOf(raw: RawValue): readonly string[] {
  if (typeof raw === 'string') return [raw];
  return typeof raw === 'object' ? raw : [];
}

const YES = new Set(['1', 'true', 'yes', 'on']);
const NO = new Set(['0', 'false', 'no', 'off']);

/** A flag comes as a boolean from the command line and as a word from the environment. */
function readFlag(raw: RawValue, source: string, fallback: boolean): boolean {
  if (typeof raw === 'boolean') return raw;
  if (typeof raw !== 'string') return fallback;
  if (YES.has(raw.toLowerCase())) return true;
  if (NO.has(raw.toLowerCase())) return false;
  throw new KmkError('KMK_USAGE', `${source} expects 1 or 0, got "${raw}"`);
}

function parseWith<T>(parser: ValueParser<T>, text: string, source: string): T {
  const parsed = parser.parse(text);
  if (parsed !== undefined) return parsed;
  const close = nearestName(text, wordsOf(parser));
  const hints = close === null ? [] : [`Did you mean "${close}"?`];
  throw new KmkError('KMK_USAGE', `${source} expects ${parser.expects}, got ${JSON.stringify(text)}`, { hints });
}

function missing(message: string): KmkError {
  return new KmkError('KMK_USAGE', message);
}
