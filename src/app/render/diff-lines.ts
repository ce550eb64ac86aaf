/** Unchanged lines shown around a change, as `diff -u` does. */
const CONTEXT = 3;

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** Lines of each side before this one. */
  readonly before: number;
  readonly after: number;
}

/** Unified diff from `before` to `after`, hunks only; empty when they are equal. Meant for files of some hundred lines. */
export function diffLines(before: string, after: string): readonly string[] {
  const edits = editScript(splitLines(before), splitLines(after));
  const changed = edits.flatMap((edit, index) => (edit.sign === ' ' ? [] : [index]));
  const hunks: { from: number; to: number }[] = [];
  for (const index of changed) {
    const last = hunks.at(-1);
    const from = Math.max(0, index - CONTEXT);
    const to = Math.min(edits.length, index + CONTEXT + 1);
    if (last !== undefined && from <= last.to) last.to = to;
    else hunks.push({ from, to });
  }
  return hunks.flatMap(({ from, to }) => printHunk(edits.slice(from, to)));
}

function printHunk(edits: readonly Edit[]): readonly string[] {
  const [first] = edits;
  if (first === undefined) return [];
  const range = (start: number, sign: '-' | '+'): string => {
    const count = edits.filter((edit) => edit.sign === ' ' || edit.sign === sign).length;
    return `${sign}${count === 0 ? start : start + 1},${count}`;
  };
  const header = `@@ ${range(first.before, '-')} ${range(first.after, '+')} @@`;
  return [header, ...edits.map(({ sign, text }) => `${sign}${text}`)];
}

/** A last line without a newline differs from the same line with one. */
function splitLines(text: string): readonly string[] {
  if (text === '') return [];
  return text.endsWith('\n') ? text.slice(0, -1).split('\n') : `${text}\n\\ no newline at end of file`.split('\n');
}

function editScript(before: readonly string[], after: readonly string[]): readonly Edit[] {
  const common = commonSuffixLengths(before, after);
  const edits: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const left = before[i];
    const right = after[j];
    if (left !== undefined && left === right) {
      edits.push({ sign: ' ', text: left, before: i++, after: j++ });
    } else if (left !== undefined && (right === undefined || length(common, i + 1, j) >= length(common, i, j + 1))) {
      edits.push({ sign: '-', text: left, before: i++, after: j });
    } else {
      edits.push({ sign: '+', text: right ?? '', before: i, after: j++ });
    }
  }
  return edits;
}

/** `[i][j]`: lines in the longest common subsequence of `before` from i and `after` from j. */
function commonSuffixLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    for (let j = after.length - 1; j >= 0; j -= 1) {
      const longest =
        before[i] === after[j]
          ? length(rows, i + 1, j + 1) + 1
          : Math.max(length(rows, i + 1, j), length(rows, i, j + 1));
      rows[i]?.fill(longest, j, j + 1);
    }
  }
  return rows;
}

function length(rows: readonly Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
