import { KmkError } from '../../domain/errors.ts';
import type { RenderedFile } from '../ports/template-renderer.ts';
import { diffLines } from './diff-lines.ts';

/** A rendered file that is not the same on disk. */
export interface FileDrift {
  readonly path: string;
  readonly state: 'missing' | 'changed';
  /** Unified diff from the file on disk to the rendered one. */
  readonly lines: readonly string[];
}

/** Compares rendered files with those on disk; `read` answers null for a file that does not exist. In their order. */
export async function diffFiles(
  rendered: readonly RenderedFile[],
  read: (path: string) => Promise<string | null>,
): Promise<readonly FileDrift[]> {
  const drifts: FileDrift[] = [];
  for (const { path, content } of rendered) {
    const found = await read(path);
    if (found === content) continue;
    const header = [found === null ? '--- /dev/null' : `--- ${path}`, `+++ ${path} (rendered)`];
    const lines = [...header, ...diffLines(found ?? '', content)];
    drifts.push({ path, state: found === null ? 'missing' : 'changed', lines });
  }
  return drifts;
}

/** The error that `--check` ends with; at least one drift is expected. */
export function driftError(drifts: readonly FileDrift[]): KmkError {
  const [first] = drifts;
  const others = drifts.length > 1 ? ` and ${drifts.length - 1} more` : '';
  const what = first?.state === 'missing' ? 'is missing' : 'differs from what kmk.yaml renders';
  return new KmkError('KMK_RENDER_DRIFT', `"${first?.path ?? ''}" ${what}${others}`, {
    hints: ['See the differences with `kmk render --diff`.', 'Write the files again with `kmk render --out DIR`.'],
    context: { files: drifts.length, paths: drifts.map(({ path }) => path).join(', ') },
  });
}
