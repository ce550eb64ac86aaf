import { afterEach, describe, expect, test } from 'vitest';
import { NETWORK_IMAGE } from '../../src/domain/lab/images.ts';
import { faultContract } from '../contract/fault-contract.ts';
import type { NetworkStage } from '../contract/network-contract.ts';
import { networkContract } from '../contract/network-contract.ts';
import { runtimeContract } from '../contract/runtime-contract.ts';
import { askPort } from '../helpers/ask-port.ts';
import { faultInjector } from '../helpers/fault-injector.ts';
import { docker, DockerStage, ECHO_PORT, specOf } from './stage.ts';

const stages: DockerStage[] = [];
async function newStage(): Promise<DockerStage> {
  const stage = await DockerStage.create();
  stages.push(stage);
  return stage;
}
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage[Symbol.asyncDispose]();
});

describe('services as any runtime has them', () => {
  runtimeContract(async () => {
    const stage = await newStage();
    const versions = { a: 0, b: 0 };
    return {
      open: () => stage.open(),
      async start(runtime, name, change = 0) {
        versions[name] = change;
        await stage.write(versions);
        return runtime.start(specOf(name), AbortSignal.timeout(30_000));
      },
      identity: (name) => docker('inspect', '-f', '{{.Id}}', stage.container(name)),
      async killOutside(name) {
        await docker('kill', stage.container(name));
      },
      marked: () => stage.marked(),
    };
  });
});

describe('faults', () => {
  faultContract(async () => {
    const stage = await newStage();
    const names = ['east-broker-1', 'east-broker-2', 'east-connect', 'west-broker-1'];
    await stage.write(Object.fromEntries(names.map((name) => [name, 0])));
    const runtime = stage.open();
    await Promise.all(names.map((name) => runtime.start(specOf(name), AbortSignal.timeout(30_000))));
    return runtime;
  });
});

test('a lab that needs more memory than the engine has is refused with both figures, before anything is made', async () => {
  const stage = await newStage();
  await stage.write({ a: 0, b: 0 }, { memoryMb: 8_000_000 });
  await expect(stage.open().start(specOf('a'), AbortSignal.timeout(30_000))).rejects.toMatchObject({
    code: 'KMK_ENV_MEMORY',
    message: expect.stringMatching(
      /^the docker engine has \d+ MiB of memory and the lab needs 16000000 MiB$/,
    ) as string,
  });
  expect(await stage.marked()).toEqual([]);
});

describe('the network', () => {
  networkContract(async () => {
    const stage = await newStage();
    const names = ['east-broker-1', 'east-connect', 'west-broker-1', 'west-connect'];
    await stage.write(Object.fromEntries(names.map((name) => [name, 0])));
    const runtime = stage.open();
    await Promise.all(names.map((name) => runtime.start(specOf(name), AbortSignal.timeout(30_000))));
    const ask: NetworkStage['ask'] = (from, site) =>
      from === 'client' ? askFromHost(stage, `${site}-broker-1`) : askFromWorker(stage, from, `${site}-broker-1`);
    await expect.poll(() => ask('client', 'west'), { timeout: 20_000 }).not.toBeNull();
    return { runtime, slows: await hasNetem(), ask };
  });

  /** The engine's kernel is the one of this machine. */
  async function hasNetem(): Promise<boolean> {
    const script = 'tc qdisc add dev lo root netem delay 1ms';
    const tried = docker(
      'run',
      '--rm',
      '--cap-add',
      'NET_ADMIN',
      '--network',
      'none',
      NETWORK_IMAGE,
      'sh',
      '-c',
      script,
    );
    return tried.then(
      () => true,
      () => false,
    );
  }

  /** The host is in every network of the engine, as its gateway. */
  async function askFromHost(stage: DockerStage, name: string): Promise<number | null> {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const host = await docker('inspect', '-f', format, stage.container(name));
    return host === '' ? null : askPort(ECHO_PORT, host);
  }

  async function askFromWorker(stage: DockerStage, site: string, name: string): Promise<number | null> {
    const say = `exec 3<>/dev/tcp/${name}/${ECHO_PORT} && a=$(date +%s%N) && printf x >&3 && head -c1 <&3 > /dev/null && echo $(( $(date +%s%N) - a ))`;
    const asked = docker('exec', stage.container(`${site}-connect`), 'timeout', '2', 'bash', '-c', say);
    return asked.then(
      (text) => Number(text) / 1e6,
      () => null,
    );
  }
});

test("a broker's own disk is full until it is healed, and keeps what is on it while the broker is down", async () => {
  const stage = await newStage();
  await stage.write({ 'east-broker-1': 0 }, { diskMb: 2 });
  const runtime = stage.open();
  for (const name of ['east-broker-1-disk', 'east-broker-1'])
    await runtime.start(specOf(name), AbortSignal.timeout(30_000));
  const inBroker = (script: string): Promise<string> =>
    docker('exec', stage.container('east-broker-1'), 'bash', '-c', script);
  await inBroker('echo record > /data/log');
  const injector = faultInjector(runtime, `${stage.labDir}/faults`);
  await injector.inject({ kind: 'disk-full', cluster: 'east', scope: 'brokers' }, AbortSignal.timeout(30_000));
  await expect(inBroker('head -c 4096 /dev/zero > /data/more')).rejects.toThrow('No space left on device');
  await runtime.kill('east-broker-1');
  await (await injector.active())[0]?.heal(AbortSignal.timeout(30_000));
  expect(await inBroker('head -c 4096 /dev/zero > /data/more && cat /data/log')).toBe('record');
});

test('a container whose health check has given it up is told from one that is starting', async () => {
  const stage = await newStage();
  await stage.write({ a: 0 }, { sick: true });
  const runtime = stage.open();
  await runtime.start(specOf('a'), AbortSignal.timeout(30_000));
  await expect.poll(() => runtime.list(), { timeout: 20_000 }).toMatchObject([{ state: 'running', unhealthy: true }]);
  await runtime.kill('a');
  expect(await runtime.list()).toMatchObject([{ state: 'stopped', unhealthy: false }]);
});

describe("what is not the lab's", () => {
  test('a container, network and volume of a similar name are left alone by every command', async () => {
    const stage = await newStage();
    await stage.write({ a: 0 });
    const name = `${stage.project}-a-10`;
    await docker(
      'run',
      '-d',
      '--name',
      name,
      '--label',
      `kmk.project=${stage.project}`,
      'apache/kafka:4.3.1',
      'sleep',
      '600',
    );
    try {
      const runtime = stage.open();
      // Its label claims the project, from another folder: whose it is cannot be told.
      await expect(runtime.start(specOf('a'), AbortSignal.timeout(30_000))).rejects.toMatchObject({
        code: 'KMK_FOREIGN_PROJECT',
      });
      expect(await runtime.list()).toEqual([]);
      await runtime.sweep({ keepData: false });
      expect(await docker('inspect', '-f', '{{.State.Running}}', name)).toBe('true');
    } finally {
      await docker('rm', '-f', name);
    }
  });

  test('a stranger that has the very name of a container is named and not touched', async () => {
    const stage = await newStage();
    await stage.write({ a: 0 });
    const name = stage.container('a');
    await docker('run', '-d', '--name', name, 'apache/kafka:4.3.1', 'sleep', '600');
    try {
      await expect(stage.open().start(specOf('a'), AbortSignal.timeout(30_000))).rejects.toThrow(
        `container "${name}" has the name that project "${stage.project}" needs and was not made by kmk`,
      );
      await stage.open().sweep({ keepData: false });
      expect(await docker('inspect', '-f', '{{.State.Running}}', name)).toBe('true');
    } finally {
      await docker('rm', '-f', name);
    }
  });

  test('what belongs to the lab and to no service of its file is named as an orphan', async () => {
    const stage = await newStage();
    await stage.write({ a: 0, b: 0 });
    const runtime = stage.open();
    await Promise.all(['a', 'b'].map((name) => runtime.start(specOf(name), AbortSignal.timeout(30_000))));
    expect(await runtime.unrecorded()).toEqual([]);
    await stage.write({ a: 0 });
    expect(await runtime.unrecorded()).toEqual([stage.container('b')]);
  });
});
