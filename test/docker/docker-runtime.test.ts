import { afterEach, describe, expect, test } from 'vitest';
import type { FaultInjector } from '../../src/app/ports/fault-injector.ts';
import { faultContract } from '../contract/fault-contract.ts';
import { runtimeContract } from '../contract/runtime-contract.ts';
import { faultInjector } from '../helpers/fault-injector.ts';
import { docker, DockerStage, specOf } from './stage.ts';

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
  await stage.write({ a: 0, b: 0 }, 8_000_000);
  await expect(stage.open().start(specOf('a'), AbortSignal.timeout(30_000))).rejects.toMatchObject({
    code: 'KMK_ENV_MEMORY',
    message: expect.stringMatching(
      /^the docker engine has \d+ MiB of memory and the lab needs 16000000 MiB$/,
    ) as string,
  });
  expect(await stage.marked()).toEqual([]);
});

describe('a partition', () => {
  const networksOf = async (stage: DockerStage, name: string): Promise<string> =>
    docker('inspect', '-f', '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}}{{end}}', stage.container(name));
  const fault = { kind: 'partition', cluster: 'east', scope: 'site' } as const;

  async function cutOff(): Promise<{ stage: DockerStage; injector: FaultInjector }> {
    const stage = await newStage();
    await stage.write({ 'east-broker-1': 0, 'east-connect': 0, 'west-broker-1': 0 });
    const runtime = stage.open();
    const names = ['east-broker-1', 'east-connect', 'west-broker-1'];
    await Promise.all(names.map((name) => runtime.start(specOf(name), AbortSignal.timeout(30_000))));
    const injector = faultInjector(runtime, `${stage.labDir}/faults`);
    await injector.inject(fault, AbortSignal.timeout(30_000));
    return { stage, injector };
  }
  const reaches = (stage: DockerStage, from: string, to: string): Promise<boolean> =>
    docker('exec', stage.container(from), 'getent', 'hosts', to).then(
      () => true,
      () => false,
    );

  test('takes each service of the site off the network while it runs on; healed, it is known by its name again', async () => {
    const { stage, injector } = await cutOff();
    expect(await Promise.all(['east-broker-1', 'east-connect'].map((name) => networksOf(stage, name)))).toEqual([
      '',
      '',
    ]);
    expect(await networksOf(stage, 'west-broker-1')).toBe(`${stage.project}_default`);
    expect((await stage.open().list()).map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(await reaches(stage, 'west-broker-1', 'east-broker-1')).toBe(false);
    await (await injector.active())[0]?.heal(AbortSignal.timeout(30_000));
    expect(await reaches(stage, 'west-broker-1', 'east-broker-1')).toBe(true);
    expect(await injector.active()).toEqual([]);
  });

  test('lifted after its services were killed, their next start has a network', async () => {
    const { stage, injector } = await cutOff();
    const runtime = stage.open();
    await Promise.all(['east-broker-1', 'east-connect'].map((name) => runtime.kill(name)));
    await (await injector.active())[0]?.lift();
    expect((await runtime.list()).map(({ state }) => state)).toEqual(['stopped', 'stopped', 'running']);
    await runtime.startAgain('east-broker-1', AbortSignal.timeout(30_000));
    expect(await reaches(stage, 'west-broker-1', 'east-broker-1')).toBe(true);
  });
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
