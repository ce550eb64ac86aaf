import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kcat } from '../helpers/kafka-tools.ts';
import { untilTrue } from '../helpers/journal-watch.ts';
import { KmkLab } from '../helpers/kmk-lab.ts';
import { docker } from './stage.ts';

const run = promisify(execFile);
/** Several brokers on one side: each must be reachable under its own address, from the host and from a container. */
const YAML = 'clusters:\n  primary: { brokers: 2, port: auto }\n  dr: { brokers: 1, port: auto }\n';
const SERVICES = ['connectors', 'dr-broker-1', 'dr-connect', 'primary-broker-1', 'primary-broker-2'];

let lab: KmkLab;
let stranger: string;

interface Status {
  readonly state: string;
  readonly runtime: string;
  readonly active: string;
  readonly clusters: readonly { readonly alias: string; readonly bootstrap: string }[];
  readonly services: readonly { readonly name: string; readonly state: string; readonly log: string }[];
}

beforeAll(async () => {
  lab = await KmkLab.create({ yaml: YAML, runtime: 'docker' });
  // Somebody else's, with a name as near as can be.
  stranger = `${lab.project}-primary-broker-3`;
  await docker('run', '-d', '--name', stranger, 'apache/kafka:4.3.1', 'sleep', '3600');
  await lab.ok('deploy');
}, 240_000);
afterAll(async () => {
  await docker('rm', '-f', stranger);
  await lab[Symbol.asyncDispose]();
});

const status = async (): Promise<Status> => (await lab.json('status')) as unknown as Status;
const bootstrap = async (alias: string): Promise<string> =>
  (await status()).clusters.find((cluster) => cluster.alias === alias)?.bootstrap ?? '';
/** Ids of the lab's containers by service, as the engine lists them. */
async function containers(): Promise<Readonly<Record<string, string>>> {
  const service = '{{.Label "com.docker.compose.service"}}';
  const text = await docker(
    'ps',
    '-a',
    '--no-trunc',
    '--filter',
    `label=kmk.project=${lab.project}`,
    '--format',
    `${service} {{.ID}}`,
  );
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' ') as [string, string]),
  );
}
async function left(): Promise<readonly string[]> {
  const filter = ['--filter', `label=kmk.project=${lab.project}`, '-q'];
  const texts = [
    await docker('ps', '-a', ...filter),
    await docker('network', 'ls', ...filter),
    await docker('volume', 'ls', ...filter),
  ];
  return texts.filter((text) => text !== '');
}

test('Docker Compose shows what kmk started as its own project', async () => {
  expect(Object.keys(await containers()).toSorted()).toEqual(SERVICES);
  const file = join(lab.stateDir, 'lab', 'docker-compose.yml');
  const { stdout } = await run('docker-compose', ['-p', lab.project, '-f', file, 'ps', '--services']);
  expect(stdout.trim().split('\n').toSorted()).toEqual(expect.arrayContaining(SERVICES));
  const { stdout: ps } = await run('docker-compose', ['-p', lab.project, '-f', file, 'ps', '-q']);
  expect(ps.trim().split('\n').toSorted()).toEqual(Object.values(await containers()).toSorted());
});

test('everything is published on loopback, with the restart policy `no` and a memory reservation', async () => {
  for (const id of Object.values(await containers())) {
    const [found] = JSON.parse(await docker('inspect', id)) as [
      {
        readonly HostConfig: {
          readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string }[]>> | null;
          readonly RestartPolicy: { readonly Name: string };
          readonly MemoryReservation: number;
        };
      },
    ];
    const { PortBindings, RestartPolicy, MemoryReservation } = found.HostConfig;
    expect(
      Object.values(PortBindings ?? {})
        .flat()
        .every(({ HostIp }) => HostIp === '127.0.0.1'),
    ).toBe(true);
    expect([RestartPolicy.Name, MemoryReservation > 0]).toEqual(['no', true]);
  }
});

test('a second deploy changes nothing and says so', async () => {
  const before = await containers();
  expect((await lab.ok('deploy')).stdout).toContain('runs already, nothing changed');
  expect(await lab.json('deploy')).toMatchObject({ changed: false, runtime: 'docker' });
  expect(await containers()).toEqual(before);
});

test('records cross, as clients on the host and in a container see them', async () => {
  await lab.ok('topic', 'create', 'orders', '--partitions', '2');
  expect(await lab.json('produce', '--topic', 'orders', '--messages', '40')).toMatchObject({
    acknowledged: 40,
    failed: 0,
  });
  const args = ['-C', '-t', 'orders', '-o', 'beginning', '-e', '-q'];
  expect((await kcat(['-b', await bootstrap('primary'), ...args])).trim().split('\n')).toHaveLength(40);
  // Both brokers lead a partition: an address that did not work would leave half of them out.
  const leaders = (await kcat(['-b', await bootstrap('primary'), '-L', '-t', 'orders'])).match(/leader \d/g);
  expect(new Set(leaders).size).toBe(2);
  const tool = 'java org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server $KMK_BOOTSTRAP';
  const inside = await lab.ok(
    'exec',
    'primary-broker-2',
    'sh',
    '-c',
    `${tool} --topic orders --from-beginning --max-messages 40 2>/dev/null`,
  );
  expect(inside.stdout.trim().split('\n')).toHaveLength(40);
  await lab.ok('verify', '--topic', 'orders');
  expect(
    await lab.json('consume', '--topic', 'primary.orders', '--cluster', 'dr', '--messages', '40', '--group', 'billing'),
  ).toMatchObject({ count: 40 });
});

test('the everyday commands answer', async () => {
  const seen = await status();
  expect([seen.state, seen.runtime, seen.active]).toEqual(['running', 'docker', 'primary']);
  expect(seen.services.map(({ name, state }) => [name, state])).toEqual(
    SERVICES.filter((name) => name !== 'connectors').map((name) => [name, 'running']),
  );
  expect(seen.services[0]?.log).toBe(`docker logs ${lab.project}-dr-broker-1-1`);
  expect((await lab.ok('logs', 'dr-broker-1', '--lines', '500')).stdout).toContain('Kafka Server started');
  for (const args of [
    'topic list',
    'topic describe orders',
    'group list',
    'flow list',
    'offsets show',
    'flow describe',
  ]) {
    await lab.ok(...args.split(' '));
  }
  await lab.ok('verify', '--deep', '--topic', 'orders');
  expect(await lab.json('perf', '--records', '2000')).toMatchObject({ schema: 'kmk.perf/v1' });
  const ui = await lab.kmk(['ui']);
  expect([ui.exitCode, ui.stderr]).toEqual([7, expect.stringContaining('turned off')]);
});

test('a changed filter runs the one-shot service again and nothing else', async () => {
  const { connectors: before, ...others } = await containers();
  await lab.configure(
    `${YAML}replication:\n  flows:\n    - { source: primary, target: dr, topics: ["orders.*", "kmk-.*"] }\n`,
  );
  expect(await lab.json('deploy')).toMatchObject({ changed: true });
  const { connectors: after, ...same } = await containers();
  expect(same).toEqual(others);
  expect(after).not.toBe(before);
  expect(await lab.json('deploy')).toMatchObject({ changed: false });
});

test('a broker that was killed is exited, and deploy starts the same container again', async () => {
  const before = await containers();
  await docker('kill', before['primary-broker-2'] ?? '');
  expect((await status()).services.find(({ name }) => name === 'primary-broker-2')?.state).toBe('exited');
  await lab.ok('deploy');
  expect(await containers()).toEqual(before);
  expect((await status()).state).toBe('running');
});

test('failover of a site that is cut off and runs on, failback, and the lab is whole again', async () => {
  const over = await lab.json('failover', '--simulate', 'partition', '--yes');
  expect(over).toMatchObject({ verdict: 'pass', simulated: true, from: 'primary', to: 'dr' });
  await lab.ok('produce', '--topic', 'orders', '--messages', '5');
  const refused = await lab.kmk(['deploy']);
  expect([refused.exitCode, refused.stderr]).toEqual([7, expect.stringContaining('kmk failback')]);
  const back = await lab.json('failback', '--yes');
  expect(back).toMatchObject({ verdict: 'pass', from: 'dr', to: 'primary', duplicates: 0 });
  await lab.ok('produce', '--topic', 'orders', '--messages', '5');
  await lab.ok('verify', '--deep');
});

test('destroy --keep-data, then deploy: the records are there', async () => {
  await lab.ok('destroy', '--keep-data', '--yes');
  expect((await status()).state).toBe('stopped');
  await lab.ok('deploy');
  expect(await lab.json('consume', '--topic', 'orders')).toMatchObject({ count: 45 });
});

test('destroy removes everything of the lab and nothing of the stranger', async () => {
  await lab.ok('destroy', '--yes');
  expect(await left()).toEqual([]);
  expect(await docker('inspect', '-f', '{{.State.Running}}', stranger)).toBe('true');
  expect((await lab.ok('destroy', '--yes')).stdout).toContain('nothing is deployed here');
});

test('kill -9 of a deploy, then destroy: nothing is left', async () => {
  const deploying = lab.start(['deploy']);
  await untilTrue(deploying, async () => Object.keys(await containers()).length >= 2);
  deploying.child.kill('SIGKILL');
  await deploying.ended;
  await lab.ok('destroy', '--yes');
  expect(await left()).toEqual([]);
});

test('Ctrl-C during a deploy removes what it made', async () => {
  const deploying = lab.start(['deploy']);
  await untilTrue(deploying, async () => Object.keys(await containers()).length >= 2);
  deploying.child.kill('SIGINT');
  expect((await deploying.ended).exitCode).toBe(130);
  expect(await left()).toEqual([]);
  expect(await docker('inspect', '-f', '{{.State.Running}}', stranger)).toBe('true');
});
