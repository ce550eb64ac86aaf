import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FaultInjector } from '../../src/app/ports/fault-injector.ts';
import type { ServiceRuntime } from '../../src/app/ports/service-runtime.ts';
import type { Fault } from '../../src/domain/fault.ts';
import { faultInjector } from '../helpers/fault-injector.ts';

/** Who asks: a client of the host, or the worker of a site. */
export type Asker = 'client' | 'east' | 'west';

/**
 * `east-broker-1`, `east-connect`, `west-broker-1` and `west-connect`, whose brokers send back what they are sent, each
 * site's worker asking the other site's broker over the link between them.
 */
export interface NetworkStage {
  readonly runtime: ServiceRuntime;
  /** False where the machine has no means to slow the network: latency and loss must then be refused. */
  readonly slows: boolean;
  /** Milliseconds until the answer to one message over a new connection; null where none comes. */
  ask(from: Asker, site: 'east' | 'west'): Promise<number | null>;
}

/** What every runtime must do with the network of a lab. Call it inside a `describe`. */
export function networkContract(open: () => Promise<NetworkStage>): void {
  let signal: AbortSignal;
  let recordDir: string;
  let stage: NetworkStage;

  beforeEach(async () => {
    signal = AbortSignal.timeout(90_000);
    recordDir = await realpath(await mkdtemp(join(tmpdir(), 'kmk-network-')));
    stage = await open();
  });
  afterEach(() => rm(recordDir, { recursive: true, force: true }));

  /** As another kmk of the same state directory would see it. */
  const injector = (): FaultInjector => faultInjector(stage.runtime, recordDir);
  const inject = (fault: Partial<Fault>) =>
    injector().inject({ kind: 'partition', cluster: 'east', scope: 'site', ...fault }, signal);
  const healAll = async (): Promise<void> => {
    for (const fault of await injector().active()) await fault.heal(signal);
  };
  /** Who is answered. */
  const answers = async (): Promise<Readonly<Record<string, boolean>>> => {
    const ways = [
      ['client', 'east'],
      ['client', 'west'],
      ['east', 'west'],
      ['west', 'east'],
    ] as const;
    const found = ways.map(async ([from, to]) => [`${from} to ${to}`, (await stage.ask(from, to)) !== null] as const);
    return Object.fromEntries(await Promise.all(found));
  };
  const all = { 'client to east': true, 'client to west': true, 'east to west': true, 'west to east': true };

  test('a partition cuts a site off from everybody, both ways; services run on; a later kmk heals it', async () => {
    expect(await answers()).toEqual(all);
    await inject({});
    expect(await answers()).toEqual({ ...all, 'client to east': false, 'east to west': false, 'west to east': false });
    const states = (await stage.runtime.list()).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(['running']));
    await healAll();
    expect([await answers(), await injector().active()]).toEqual([all, []]);
  });

  test('of links it cuts one way, the other, or both, and clients are served on; the last to be healed opens it', async () => {
    const into = await inject({ scope: 'links', direction: 'in' });
    expect(await answers()).toEqual({ ...all, 'west to east': false });
    const both = await inject({ scope: 'links' });
    expect(await answers()).toEqual({ ...all, 'west to east': false, 'east to west': false });
    await both.heal(signal);
    expect(await answers()).toEqual({ ...all, 'west to east': false });
    await into.heal(signal);
    await inject({ scope: 'links', direction: 'out' });
    expect(await answers()).toEqual({ ...all, 'east to west': false });
    await healAll();
    expect(await answers()).toEqual(all);
  });

  test('latency of the links makes their round trips longer and no others; where it cannot be, it is refused and nothing stays', async () => {
    const latency = { kind: 'latency', scope: 'links', delayMs: 150 } as const;
    if (!stage.slows) {
      await expect(inject(latency)).rejects.toMatchObject({ code: 'KMK_ENV_RUNTIME' });
      expect([await answers(), await injector().active()]).toEqual([all, []]);
      return;
    }
    await inject(latency);
    expect(await stage.ask('west', 'east')).toBeGreaterThan(145);
    expect(await stage.ask('east', 'west')).toBeGreaterThan(145);
    expect(await stage.ask('client', 'east')).toBeLessThan(145);
    await healAll();
    expect(await stage.ask('west', 'east')).toBeLessThan(145);
  });

  test('services that ended while they were cut off find their network when they start', async () => {
    await inject({});
    await Promise.all(['east-broker-1', 'east-connect'].map((name) => stage.runtime.kill(name)));
    const [active] = await injector().active();
    await active?.lift(signal);
    await Promise.all(['east-broker-1', 'east-connect'].map((name) => stage.runtime.startAgain(name, signal)));
    await expect.poll(answers, { timeout: 20_000 }).toEqual(all);
  });
}
