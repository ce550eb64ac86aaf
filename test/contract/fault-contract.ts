import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FaultInjector } from '../../src/app/ports/fault-injector.ts';
import type { ServiceRuntime, ServiceState } from '../../src/app/ports/service-runtime.ts';
import type { FaultKind, FaultScope } from '../../src/domain/fault.ts';
import { faultInjector } from '../helpers/fault-injector.ts';

/** A runtime that runs the services `east-broker-1`, `east-broker-2` and `east-connect` of "east" and `west-broker-1`. */
export type OpenStage = () => Promise<ServiceRuntime>;

/** What every runtime's faults must do. Call it inside a `describe`. */
export function faultContract(open: OpenStage): void {
  let signal: AbortSignal;
  let recordDir: string;
  let runtime: ServiceRuntime;

  beforeEach(async () => {
    signal = AbortSignal.timeout(60_000);
    recordDir = await realpath(await mkdtemp(join(tmpdir(), 'kmk-faults-')));
    runtime = await open();
  });
  afterEach(() => rm(recordDir, { recursive: true, force: true }));

  /** As another kmk of the same state directory would see it. */
  const injector = (): FaultInjector => faultInjector(runtime, recordDir);
  const states = async (): Promise<Readonly<Record<string, ServiceState>>> =>
    Object.fromEntries((await runtime.list()).map(({ name, state }) => [name, state]));
  const inject = (kind: FaultKind, scope: FaultScope = 'site') =>
    injector().inject({ kind, cluster: 'east', scope }, signal);
  const all = (east: ServiceState): Readonly<Record<string, ServiceState>> => ({
    'east-broker-1': east,
    'east-broker-2': east,
    'east-connect': east,
    'west-broker-1': 'running',
  });

  test.each([
    ['kill', 'stopped'],
    ['stop', 'stopped'],
    ['freeze', 'frozen'],
  ] as const)('%s hits the site and nothing else, lasts, and is healed by a later kmk', async (kind, state) => {
    await inject(kind);
    await expect.poll(states).toEqual(all(state));
    const active = await injector().active();
    expect(active.map(({ fault, services }) => [fault.kind, services.toSorted()])).toEqual([
      [kind, ['east-broker-1', 'east-broker-2', 'east-connect']],
    ]);
    await active[0]?.heal(signal);
    await expect.poll(states).toEqual(all('running'));
    expect(await injector().active()).toEqual([]);
  });

  test('restart is over when it returns', async () => {
    await inject('restart');
    await expect.poll(states).toEqual(all('running'));
    expect(await injector().active()).toEqual([]);
  });

  test('the scope says which services of the cluster are hit', async () => {
    expect((await inject('freeze', 'broker-2')).services).toEqual(['east-broker-2']);
    expect((await inject('kill', 'brokers')).services.toSorted()).toEqual(['east-broker-1', 'east-broker-2']);
    expect(await states()).toMatchObject({ 'east-broker-2': 'stopped', 'east-connect': 'running' });
    for (const injected of await injector().active()) await injected.heal(signal);
    await expect.poll(states).toEqual(all('running'));
  });

  test('lift ends a fault and starts nothing', async () => {
    const injected = await inject('kill');
    await injected.lift(signal);
    expect([await injector().active(), await states()]).toEqual([[], all('stopped')]);
  });

  test('healing leaves alone what somebody else has brought back, or stopped since it was frozen', async () => {
    await inject('kill', 'broker-1');
    await runtime.startAgain('east-broker-1', signal);
    const [before] = await injector().active();
    await before?.heal(signal);
    await expect.poll(states).toEqual(all('running'));
  });

  test('where nothing runs nothing is hit and nothing is left to heal', async () => {
    await inject('kill');
    expect((await inject('freeze')).services).toEqual([]);
    expect(await injector().active()).toHaveLength(1);
  });
}
