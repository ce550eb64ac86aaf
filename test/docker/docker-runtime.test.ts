import { afterEach, describe, expect, test } from 'vitest';
import { faultContract } from '../contract/fault-contract.ts';
import { runtimeContract } from '../contract/runtime-contract.ts';
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
      killOutside: async (name) => void (await docker('kill', stage.container(name))),
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
