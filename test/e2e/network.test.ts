import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScenarioDocument } from '../../src/domain/documents.ts';
import { KmkLab } from '../helpers/kmk-lab.ts';

let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create({ yaml: 'faults: { network: true }\n' });
  await lab.ok('deploy');
});
afterAll(() => lab[Symbol.asyncDispose]());

const faults = (): Promise<readonly string[]> => readdir(join(lab.stateDir, 'lab', 'faults'));

describe('drills of the network on a lab with gates', () => {
  it.each(['link-cut', 'slow-link'])('%s: nothing is lost, copied twice or read twice', async (name) => {
    const result = (await lab.json('scenario', 'run', name, '--seed', '7')) as unknown as ScenarioDocument;
    expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    expect(result).toMatchObject({ verdict: 'pass', skipped: 0, duplicates: 0, redelivered: 0 });
    expect(await faults()).toEqual([]);
  });

  it('Ctrl-C while the link is cut heals it: the lab replicates again', async () => {
    const drill = lab.start(['scenario', 'run', 'link-cut']);
    await expect.poll(() => drill.progress(), { timeout: 60_000 }).toContain('fault "partition"');
    process.kill(-(drill.child.pid ?? 0), 'SIGINT');
    expect((await drill.ended).exitCode).toBe(130);
    expect(await faults()).toEqual([]);
    await lab.ok('produce', '--topic', 'after', '--messages', '5');
    await lab.ok('consume', '--topic', 'primary.after', '--cluster', 'dr', '--messages', '5', '--timeout', '60s');
  });

  it('another deploy with other `faults` is refused, and a fault that was not prepared for', async () => {
    const disk = await lab.kmk(['scenario', 'run', 'full-disk']);
    expect([disk.exitCode, disk.stderr]).toEqual([4, expect.stringContaining('the disk of the machine')]);
    await lab.configure('');
    const again = await lab.kmk(['deploy']);
    expect([again.exitCode, again.stderr]).toEqual([7, expect.stringContaining('is deployed with other `faults`')]);
  });
});
