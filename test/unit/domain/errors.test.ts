import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { abortError, ERROR_CODES, EXIT_CODES, KmkError } from '../../../src/domain/errors.ts';
import { EVENT_LEVELS } from '../../../src/domain/events.ts';

const SRC = fileURLToPath(new URL('../../../src', import.meta.url));
const TABLES = ['domain/errors.ts', 'domain/events.ts'].map((file) => join(SRC, file));

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((file) => join(SRC, file))
  .filter((file) => file.endsWith('.ts') && !TABLES.includes(file))
  .map((file) => readFileSync(file, 'utf8'));

/** String literals that are given to something, not compared with. */
function given(literal: RegExp): ReadonlySet<string> {
  const use = new RegExp(`(?<!(?:===|!==|case)\\s)'(${literal.source})'`, 'g');
  return new Set(sources.flatMap((text) => [...text.matchAll(use)].map(([, name = '']) => name)));
}

describe('error codes', () => {
  it('are each thrown somewhere', () => {
    const thrown = given(/KMK_[A-Z_]+/);
    expect(Object.keys(ERROR_CODES).filter((code) => !thrown.has(code))).toEqual([]);
  });

  it('have a kind with an exit code of its own', () => {
    const exits = Object.values(EXIT_CODES);
    expect(new Set(exits).size).toBe(exits.length);
    for (const [kind] of Object.values(ERROR_CODES)) expect(EXIT_CODES[kind]).toBeGreaterThan(0);
  });
});

describe('events', () => {
  it('are each emitted somewhere', () => {
    const emitted = new Set(
      sources.flatMap((text) => [...text.matchAll(/emit\(\s*'([a-z.-]+)'/g)].map(([, name = '']) => name)),
    );
    const silent = Object.keys(EVENT_LEVELS).filter((event) => !emitted.has(event));
    expect(silent.toSorted()).toEqual([]);
  });
});

describe('KmkError', () => {
  it('knows its kind, and its like across copies of the package', () => {
    const error = new KmkError('KMK_LOCKED', 'taken', { context: { pid: 1 }, cause: 'x' });
    expect(error).toMatchObject({ kind: 'precondition', hints: [], diagnostics: [], context: { pid: 1 }, cause: 'x' });
    expect(KmkError.is(error)).toBe(true);
    expect([new Error('no'), null, 'KMK_LOCKED', { code: 'KMK_LOCKED' }].some((other) => KmkError.is(other))).toBe(
      false,
    );
    expect(KmkError.is({ [Symbol.for('kmk.error')]: true })).toBe(true);
  });

  it("is a signal's reason, or an interruption", () => {
    const reason = new KmkError('KMK_TERMINATED', 'terminated');
    expect(abortError(AbortSignal.abort(reason))).toBe(reason);
    expect(abortError(AbortSignal.abort())).toMatchObject({ code: 'KMK_INTERRUPTED' });
    // As AbortSignal.timeout has it: a limit is no Ctrl-C.
    const late = AbortSignal.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    expect(abortError(late)).toMatchObject({ code: 'KMK_WAIT_TIMEOUT' });
  });
});
