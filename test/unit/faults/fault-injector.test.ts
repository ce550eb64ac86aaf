import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FaultRecords } from '../../../src/faults/fault-records.ts';
import { faultContract } from '../../contract/fault-contract.ts';
import { memoryRuntime } from '../../fakes/memory-runtime.ts';

describe('faults of services that only have a state', () => {
  faultContract(() =>
    Promise.resolve(memoryRuntime(['east-broker-1', 'east-broker-2', 'east-connect', 'west-broker-1'])),
  );
});

describe('records of faults', () => {
  it('leave out what a crash cut short', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kmk-fault-records-'));
    const records = new FaultRecords(dir);
    await records.add({ id: '2', fault: { kind: 'kill', cluster: 'east', scope: 'site' }, services: ['a'] });
    await records.add({ id: '1', fault: { kind: 'stop', cluster: 'east', scope: 'site' }, services: ['b'] });
    await writeFile(join(dir, '0.json'), '{"id":');
    expect((await records.list()).map(({ id }) => id)).toEqual(['1', '2']);
    await rm(dir, { recursive: true });
  });
});
