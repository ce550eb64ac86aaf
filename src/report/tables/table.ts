/** A table of a report in no format yet: HTML and Markdown render the same ones. */
export interface Table {
  /** Kebab-case; the anchor in HTML. */
  readonly id: string;
  readonly title: string;
  /** One sentence on how to read it. */
  readonly about: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Sums below the rows. */
  readonly footer: readonly Cell[] | null;
}

export interface Column {
  readonly label: string;
  readonly numeric: boolean;
}

export type Tone = 'good' | 'warn' | 'bad' | 'muted';

export interface Cell {
  readonly text: string;
  readonly tone: Tone | null;
}

export function cell(text: string | null, tone: Tone | null = null): Cell {
  return text === null || text === '' ? { text: '–', tone: 'muted' } : { text, tone };
}

/** Columns by their labels; a leading "#" marks a numeric one. */
export function columns(...labels: readonly string[]): readonly Column[] {
  return labels.map((label) => ({ label: label.replace(/^#/, ''), numeric: label.startsWith('#') }));
}

/** Tone of a verdict, of a step's state or of a connector's state. */
export function toneOf(word: string): Tone | null {
  return TONES.get(word.toLowerCase()) ?? null;
}

const TONES: ReadonlyMap<string, Tone> = new Map([
  ...words('good', 'pass', 'done', 'exact', 'running', 'ready'),
  ...words('bad', 'fail', 'failed', 'ahead', 'aborted'),
  ...words('warn', 'inconclusive', 'interrupted', 'untranslatable', 'missing', 'killed'),
  ...words('muted', 'skipped', 'stopped'),
]);

function words(tone: Tone, ...all: readonly string[]): readonly (readonly [string, Tone])[] {
  return all.map((word) => [word, tone]);
}
