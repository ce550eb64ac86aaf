import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScenarioDocument } from '../../src/domain/documents.ts';
import type { Fault } from '../../src/domain/fault.ts';
import { tellGate } from '../../src/runtime/local/gate-faults.ts';
import { KmkLab } from '../helpers/kmk-lab.ts';

/** Longer than kmk waits for an answer, shorter than MM2's clients do. */
const SLOW_MS = 4000;
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

  it('a source that is slow instead of dead is not given up: failover refuses and changes nothing', async () => {
    const renderedDir = join(lab.stateDir, 'lab');
    const slow: Fault = { kind: 'latency', cluster: 'primary', scope: 'brokers', delayMs: SLOW_MS };
    const tell = (faults: readonly Fault[]): Promise<void> =>
      tellGate(renderedDir, faults, () => Promise.resolve(true), AbortSignal.timeout(20_000));
    const before = await lab.read('lab/lab.json');
    await tell([slow]);
    const refused = await lab.kmk(['failover', '--yes']);
    await tell([]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      7,
      expect.stringMatching(/refused: "primary" (is healthy|does not answer kmk, but its heartbeats still cross)/),
    ]);
    expect(await lab.read('lab/lab.json')).toBe(before);
  });

  it('another deploy with other `faults` is refused, and a fault that was not prepared for', async () => {
    const disk = await lab.kmk(['scenario', 'run', 'full-disk']);
    expect([disk.exitCode, disk.stderr]).toEqual([4, expect.stringContaining('the disk of the machine')]);
    await lab.configure('');
    const again = await lab.kmk(['deploy']);
    expect([again.exitCode, again.stderr]).toEqual([7, expect.stringContaining('is deployed with other `faults`')]);
  });
});
