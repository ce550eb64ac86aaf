import { expect, test } from 'vitest';
import { createProgramRunner } from '../../../src/composition/program-runner.ts';

const programs = createProgramRunner({ PATH: process.env['PATH'], OWN: 'own' });
const { signal } = new AbortController();
const node = (code: string, timeoutMs = 20_000) =>
  programs.run({
    argv: [process.execPath, '-e', code, 'a b', '$HOME'],
    input: '{"a":1}',
    env: { ADDED: 'x' },
    timeoutMs,
    signal,
  });

test('a program gets its arguments as they are, the input, and its variables beside those of kmk', async () => {
  const code = `
    const input = require('fs').readFileSync(0, 'utf8');
    console.log(JSON.stringify([process.argv.slice(1), input, process.env.OWN, process.env.ADDED]));
    console.error('and errors');
    process.exit(3);`;
  const { exitCode, timedOut, output } = await node(code);
  expect([exitCode, timedOut]).toEqual([3, false]);
  const [first, second] = output.split('\n');
  expect([JSON.parse(first ?? ''), second]).toEqual([[['a b', '$HOME'], '{"a":1}', 'own', 'x'], 'and errors']);
});

test('one that takes too long is ended, one that is not there is told', async () => {
  expect(await node('setTimeout(() => {}, 60_000)', 200)).toMatchObject({ exitCode: null, timedOut: true });
  const argv = ['/no/such/program'];
  const missing = await programs.run({ argv, input: '', env: {}, timeoutMs: 1000, signal });
  expect(missing).toMatchObject({ exitCode: null, timedOut: false });
  expect(missing.output).toContain('ENOENT');
});
