import { readFile, stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KmkLab } from '../helpers/kmk-lab.ts';
import { docker } from './stage.ts';

interface Outcome {
  readonly verdict: string;
  readonly skipped: number;
  readonly duplicates: number;
  readonly checks: readonly { readonly id: string; readonly verdict: string; readonly message: string }[];
  readonly report: string;
}

test('kmk demo --runtime docker: kill, failover, failback under load, report, and nothing left', async () => {
  await using lab = await KmkLab.create({ runtime: 'docker' });
  const outcome = (await lab.json('demo', '--runtime', 'docker')) as unknown as Outcome;
  expect(outcome.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(outcome).toMatchObject({ verdict: 'pass', skipped: 0, duplicates: 0 });
  expect((await stat(outcome.report)).size).toBeGreaterThan(10_000);
  expect(await readFile(outcome.report, 'utf8')).toContain('unplanned-kill');
  expect(await docker('ps', '-a', '-q', '--filter', 'label=kmk.project=kmk-demo')).toBe('');
  expect(await docker('volume', 'ls', '-q', '--filter', 'label=kmk.project=kmk-demo')).toBe('');
}, 600_000);
