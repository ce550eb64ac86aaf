import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GateWay } from '../../../src/domain/lab/gate.ts';
import type { ServiceSpec } from '../../../src/domain/lab/service-spec.ts';
import { LocalRuntime } from '../../../src/runtime/local/local-runtime.ts';
import { createPortChooser } from '../../../src/runtime/local/ports.ts';
import { identify } from '../../../src/util/process-identity.ts';
import { faultContract } from '../../contract/fault-contract.ts';
import type { NetworkStage } from '../../contract/network-contract.ts';
import { networkContract } from '../../contract/network-contract.ts';
import { runtimeContract } from '../../contract/runtime-contract.ts';
import { askPort } from '../../helpers/ask-port.ts';
import { faultInjector } from '../../helpers/fault-injector.ts';
import { processes } from '../../helpers/kmk-lab.ts';

/** Stands in for java: the runtime's own work is tested here, and a JVM takes seconds. */
const FAKE_JAVA = `#!/bin/sh
case "$*" in
  *-version*) echo 'openjdk version "17.0.9"' >&2 ;;
  *StorageTool*) mkdir -p data && : > data/bootstrap.checkpoint ;;
  *ArchiveClassesAtExit*) exit 0 ;;
  *kafka.Dies*) echo 'ERROR broken on purpose'; exit 3 ;;
  *) echo "serving $*"; while :; do sleep 1; done ;;
esac
`;
const JARS = [
  'kafka-clients-4.3.1',
  'kafka_2.13-4.3.1',
  'connect-mirror-4.3.1',
  'connect-runtime-4.3.1',
  'kafka-tools-4.3.1',
];

let dir: string;
let labDir: string;
let stateHash: string;
const foreign: ChildProcess[] = [];

beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'kmk-runtime-')));
  labDir = join(dir, 'state', 'lab');
  stateHash = `test${dir.slice(-6)}`;
  await mkdir(join(dir, 'jdk', 'bin'), { recursive: true });
  await writeFile(join(dir, 'jdk', 'bin', 'java'), FAKE_JAVA);
  await chmod(join(dir, 'jdk', 'bin', 'java'), 0o755);
  await mkdir(join(dir, 'kafka', 'libs'), { recursive: true });
  await Promise.all(JARS.map((name) => writeFile(join(dir, 'kafka', 'libs', `${name}.jar`), '')));
  await mkdir(labDir, { recursive: true });
});
afterEach(async () => {
  for (const child of foreign.splice(0)) child.kill('SIGKILL');
  for (const { pid } of marked()) process.kill(pid, 'SIGKILL');
  await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
});

function optionsOf(): ConstructorParameters<typeof LocalRuntime>[0] {
  return {
    project: 'test',
    labDir,
    renderedDir: labDir,
    kafkaVersion: '4.3.1',
    packageRoot: dir,
    env: {
      PATH: process.env['PATH'],
      JAVA_HOME: join(dir, 'jdk'),
      KAFKA_HOME: join(dir, 'kafka'),
      KMK_CACHE: join(dir, 'cache'),
    },
    stateHash,
    newUuid: () => 'AAAAAAAAAAAAAAAAAAAAAA',
  };
}

const open = (): LocalRuntime => new LocalRuntime(optionsOf());

const spec = (name: string, change: Partial<ServiceSpec> = {}): ServiceSpec => ({
  name,
  kind: 'broker',
  cluster: 'east',
  mainClass: 'kafka.Kafka',
  args: [],
  heapMb: 64,
  endpoint: '127.0.0.1:1',
  ports: [],
  specHash: 'first',
  ...change,
});

const marked = (): ReturnType<typeof processes> =>
  processes().filter(({ args }) => args.includes(`-Dkmk.state=${stateHash}`));
const pidOf = async (name: string): Promise<number> =>
  Number((await readFile(join(labDir, 'pids', `${name}.pid`), 'utf8')).split(' ')[0]);
const states = async (runtime: LocalRuntime): Promise<string[]> => (await runtime.list()).map(({ state }) => state);
const start = (runtime: LocalRuntime, ...args: Parameters<typeof spec>): Promise<unknown> =>
  runtime.start(spec(...args), AbortSignal.timeout(30_000));

async function foreignProcess(command: string, args: string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'ignore' });
  foreign.push(child);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  return child.pid ?? 0;
}

describe('services as any runtime has them', () => {
  runtimeContract(() =>
    Promise.resolve({
      open,
      start: (runtime, name, change = 0) =>
        runtime.start(spec(name, { specHash: `version ${change}` }), AbortSignal.timeout(30_000)),
      identity: async (name) => String(await pidOf(name)),
      killOutside: async (name) => void process.kill(await pidOf(name), 'SIGKILL'),
      marked: () => Promise.resolve(marked().map(({ pid }) => String(pid))),
    }),
  );
});

describe('one service', () => {
  test('that ends by itself is exited, also when it was killed; its log tells of each start', async () => {
    const runtime = open();
    await start(runtime, 'a', { mainClass: 'kafka.Dies' });
    await expect.poll(() => states(runtime)).toEqual(['exited']);
    await start(runtime, 'a', { specHash: 'second' });
    await expect.poll(() => runtime.tail('a', 1)).toEqual([expect.stringContaining('serving')]);
    process.kill(await pidOf('a'), 'SIGKILL');
    await expect.poll(() => states(runtime)).toEqual(['exited']);
    const log = await runtime.tail('a', 100);
    expect(log.filter((line) => line.startsWith('=== started by kmk'))).toHaveLength(2);
    expect(log).toContain('ERROR broken on purpose');
  });

  test('a frozen one can be stopped', async () => {
    const runtime = open();
    await start(runtime, 'a');
    await runtime.freeze('a');
    await runtime.stop('a', { graceMs: 5000 });
    expect(marked()).toEqual([]);
  });
});

describe('a sweep', () => {
  test('ends every service, removes the data, says what; with keepData the files stay', async () => {
    const runtime = open();
    await Promise.all([start(runtime, 'a'), start(runtime, 'b', { kind: 'connect' })]);
    const processesOf = (names: string[]): unknown[] => names.map((name) => ({ kind: 'process', name }));
    expect(await runtime.sweep({ keepData: true })).toEqual(processesOf(['a', 'b']));
    expect([marked(), await states(runtime)]).toEqual([[], ['stopped', 'stopped']]);
    await start(runtime, 'a');
    await runtime.freeze('a');
    expect(await runtime.sweep({ keepData: false })).toEqual([...processesOf(['a']), { kind: 'data', name: labDir }]);
    expect([marked(), await readdir(join(dir, 'state'))]).toEqual([[], []]);
    expect(await runtime.sweep({ keepData: false })).toEqual([]);
  });

  test('never touches a process that only has the PID of a record', async () => {
    const runtime = open();
    await start(runtime, 'a');
    await start(runtime, 'b');
    const [pidA, pidB] = [await foreignProcess('sleep', ['600']), await foreignProcess('sleep', ['600'])];
    const [ownA, ownB] = [await pidOf('a'), await pidOf('b')];
    // Reused: another start time. And a record that fits a process without the mark.
    await writeFile(join(labDir, 'pids', 'a.pid'), `${pidA} 1\n`);
    await writeFile(join(labDir, 'pids', 'b.pid'), `${pidB} ${(await identify(pidB))?.startTime}\n`);
    expect(await states(runtime)).toEqual(['exited', 'exited']);
    await runtime.kill('a');
    await runtime.stop('b', { graceMs: 100 });
    await runtime.sweep({ keepData: false });
    expect([await identify(pidA), await identify(pidB)].map((found) => found?.state)).toEqual(['S', 'S']);
    // The two that lost their records went by their mark.
    expect([await identify(ownA), await identify(ownB)]).toEqual([null, null]);
  });

  test('finds what lost its records by the mark, but not a process that merely mentions it', async () => {
    const runtime = open();
    await start(runtime, 'a');
    await rm(labDir, { recursive: true });
    const mention = await foreignProcess(process.execPath, [
      '-e',
      'setTimeout(() => {}, 600000)',
      '--',
      `-Dkmk.state=${stateHash}`,
    ]);
    const quote = await foreignProcess('sh', ['-c', `sleep 600; : "-Dkmk.state=${stateHash} "`]);
    // While the shell becomes the service its arguments read as empty for a moment.
    await expect.poll(() => runtime.unrecorded()).toEqual(['a']);
    expect(await runtime.sweep({ keepData: false })).toEqual([{ kind: 'process', name: 'a' }]);
    expect([await identify(mention), await identify(quote)].every((found) => found !== null)).toBe(true);
  });

  test('works with damaged records', async () => {
    const runtime = open();
    await start(runtime, 'a');
    await start(runtime, 'b');
    await writeFile(join(labDir, 'pids', 'a.json'), '{"spec": {"na');
    await writeFile(join(labDir, 'pids', 'b.pid'), 'nonsense');
    await runtime.sweep({ keepData: false });
    expect(marked()).toEqual([]);
  });

  test('overtakes a shell that has not recorded itself: it never becomes a service', async () => {
    // The shell reads its start time with `cut`: this one waits, as on a machine that stalls.
    const bin = join(dir, 'bin');
    await mkdir(bin);
    await writeFile(
      join(bin, 'cut'),
      `#!/bin/sh\nwhile [ ! -e ${bin}/go ]; do sleep 0.02; done\nexec /usr/bin/cut "$@"\n`,
    );
    await chmod(join(bin, 'cut'), 0o755);
    const path = process.env['PATH'] ?? '';
    process.env['PATH'] = `${bin}:${path}`;
    try {
      const starting = start(open(), 'late').catch((error: unknown) => error);
      await expect.poll(() => marked().length, { timeout: 10_000 }).toBe(1);
      // Not to be found by its mark: what is shown here is that its ticket is gone.
      const hidden = new LocalRuntime({ ...optionsOf(), stateHash: 'another' });
      await hidden.sweep({ keepData: true });
      await writeFile(join(bin, 'go'), '');
      await starting;
      await expect.poll(marked).toEqual([]);
      expect(await readFile(join(labDir, 'logs', 'late.log'), 'utf8').catch(() => '')).toBe('');
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('faults', () => {
  faultContract(async () => {
    const runtime = open();
    const names = ['east-broker-1', 'east-broker-2', 'east-connect', 'west-broker-1'];
    for (const name of names) {
      const kind = name.endsWith('connect') ? 'connect' : 'broker';
      await start(runtime, name, { kind, cluster: name.split('-')[0] ?? '' });
    }
    return runtime;
  });
});

test('without a gate a fault of the network is refused: nothing is cut off, nothing is recorded', async () => {
  const runtime = open();
  await start(runtime, 'a');
  const injector = faultInjector(runtime, join(dir, 'faults'));
  for (const kind of ['partition', 'latency', 'disk-full'] as const) {
    const fault = { kind, cluster: 'east', scope: 'site' } as const;
    await expect(injector.inject(fault, AbortSignal.timeout(5000))).rejects.toMatchObject({ code: 'KMK_ENV_RUNTIME' });
  }
  expect([await injector.active(), await states(runtime)]).toEqual([[], ['running']]);
});

describe('the network, with a gate', () => {
  const servers: Server[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  /** Stands in for a broker; the process of that name is a fake that listens nowhere. */
  async function echo(): Promise<number> {
    const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  networkContract(async () => {
    await symlink(fileURLToPath(new URL('../../../dist', import.meta.url)), join(dir, 'dist'));
    const runtime = open();
    const ports = new Map<string, number>();
    const ways: GateWay[] = [];
    for (const [from, cluster] of [
      [null, 'east'],
      [null, 'west'],
      ['west', 'east'],
      ['east', 'west'],
    ] as const) {
      const listen = await createPortChooser()(null, { required: false, what: 'a way' });
      ports.set(`${from ?? 'client'} ${cluster}`, listen);
      ways.push({ cluster, service: `${cluster}-broker-1`, kind: 'broker', from, listen, to: await echo() });
    }
    await mkdir(join(labDir, 'gate'), { recursive: true });
    await writeFile(join(labDir, 'gate', 'ways.json'), JSON.stringify(ways));
    await start(runtime, 'gate', { kind: 'gate', cluster: '', mainClass: 'gate/main.js', args: ['gate/ways.json'] });
    for (const name of ['east-broker-1', 'west-broker-1']) await start(runtime, name, { cluster: name.slice(0, 4) });
    for (const name of ['east-connect', 'west-connect'])
      await start(runtime, name, { kind: 'connect', cluster: name.slice(0, 4) });
    const ask: NetworkStage['ask'] = (from, site) => askPort(ports.get(`${from} ${site}`) ?? 0);
    await expect.poll(() => ask('client', 'east'), { timeout: 10_000 }).not.toBeNull();
    return { runtime, slows: true, ask };
  });
});

describe.skipIf(process.getuid?.() !== 0)("a broker's own disk", () => {
  const disk = { directory: 'data/a', sizeMb: 2 };
  const path = (): string => join(labDir, disk.directory);
  const mounted = async (): Promise<boolean> => (await readFile('/proc/self/mounts', 'utf8')).includes(` ${path()} `);

  test('is full until it is healed, keeps what is on it while the broker is down, and goes with the lab', async () => {
    const runtime = open();
    await start(runtime, 'a', { disk });
    await writeFile(join(path(), 'log'), 'record');
    const injector = faultInjector(runtime, join(dir, 'faults'));
    const fault = { kind: 'disk-full', cluster: 'east', scope: 'brokers' } as const;
    await injector.inject(fault, AbortSignal.timeout(20_000));
    await expect(writeFile(join(path(), 'more'), Buffer.alloc(4096))).rejects.toMatchObject({ code: 'ENOSPC' });
    await runtime.kill('a');
    await (await injector.active())[0]?.heal(AbortSignal.timeout(20_000));
    expect([await states(runtime), await injector.active()]).toEqual([['running'], []]);
    await writeFile(join(path(), 'more'), Buffer.alloc(4096));
    expect(await readFile(join(path(), 'log'), 'utf8')).toBe('record');
    await runtime.sweep({ keepData: true });
    expect(await mounted()).toBe(true);
    // A state directory may be a mount of its user's.
    await promisify(execFile)('mount', ['-t', 'tmpfs', 'kmk', join(labDir, 'logs')]);
    await expect(runtime.sweep({ keepData: false })).rejects.toMatchObject({ code: 'EBUSY' });
    expect(await mounted()).toBe(false);
    await promisify(execFile)('umount', [join(labDir, 'logs')]);
  });
});
