import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createPaint, mayColour, PLAIN } from '../../../src/cli/paint.ts';

const terminal = Object.assign(new PassThrough(), { isTTY: true });
const pipe = new PassThrough();

describe('colours', () => {
  it.each([
    [terminal, {}, true, true],
    [pipe, {}, true, false],
    [terminal, {}, false, false],
    [terminal, { NO_COLOR: '1' }, true, false],
    [terminal, { NO_COLOR: '' }, true, true],
    [terminal, { KMK_NO_COLOR: '1' }, true, false],
    [terminal, { TERM: 'dumb' }, true, false],
    [pipe, { FORCE_COLOR: '1' }, true, true],
    [terminal, { FORCE_COLOR: '0' }, true, false],
    [pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  ])('case %#', (stream, env, option, expected) => {
    expect(mayColour(stream, env, option)).toBe(expected);
  });

  it('are absent where they are not wanted', async () => {
    expect(await createPaint(false)).toBe(PLAIN);
    expect((await createPaint(true)).bad('x')).toBe('\u001b[31mx\u001b[39m');
  });
});
