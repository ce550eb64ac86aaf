import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listScenarios, loadScenario } from '../../../../src/config/scenario/load-scenario.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { hasPrompts } from '../../../../src/domain/scenario.ts';

const folder = join(import.meta.dirname, '../../../../scenarios');

describe('the drills that come with kmk', () => {
  it('are listed by name, each with a summary', async () => {
    const listed = await listScenarios(folder);
    expect(listed.map(({ name }) => name)).toEqual([
      'aggregation',
      'full-disk',
      'link-cut',
      'manual-disaster',
      'migration',
      'normal-operation',
      'planned-switchover',
      'slow-link',
      'unplanned-freeze',
      'unplanned-kill',
      'unplanned-partition',
    ]);
    for (const { summary } of listed) expect(summary).not.toBe('');
  });

  it('are called as their files are, and end with checks', async () => {
    for (const { name } of await listScenarios(folder)) {
      const { scenario } = await loadScenario({ wanted: name, folder, cwd: '/' });
      expect(scenario.name).toBe(name);
      expect(scenario.steps.at(-1)?.kind).toBe('check');
      expect(hasPrompts(scenario)).toBe(name === 'manual-disaster');
    }
  });

  it('are the only YAML there, each with its table in the README', async () => {
    const files = await readdir(folder);
    expect(files.filter((file) => !file.endsWith('.yaml'))).toEqual(['README.md']);
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    for (const { name, summary } of await listScenarios(folder)) {
      expect(readme).toContain(`## ${name}\n`);
      expect(readme).toContain(summary);
    }
  });

  it('are not found under a wrong name, with a hint', async () => {
    const error = await loadScenario({ wanted: 'unplaned-kill', folder, cwd: '/' }).catch((caught: unknown) => caught);
    expect(KmkError.is(error) && [error.kind, error.hints[0]]).toEqual(['config', 'Did you mean "unplanned-kill"?']);
  });
});
