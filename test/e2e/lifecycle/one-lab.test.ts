import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilTrue } from '../../helpers/journal-watch.ts';
import { KmkLab, processes } from '../../helpers/kmk-lab.ts';

/** What `kmk status` may take with something frozen, from process start to exit. */
const STATUS_LIMIT_MS = 5000;
let lab: KmkLab;

beforeAll(async () => {
  lab = await KmkLab.create();
  await lab.ok('deploy');
});
afterAll(() => lab[Symbol.asyncDispose]());

const SERVICES = ['dr-broker-1', 'dr-connect', 'primary-broker-1'];
const pids = (): Promise<number[]> => Promise.all(SERVICES.map((name) => lab.pidOf(name)));

interface Status {
  readonly state: string;
  readonly services: readonly { readonly name: string; readonly state: string; readonly log: string }[];
}
const status = async (): Promise<Status> => (await lab.json('status')) as unknown as Status;
const stateOf = ({ services }: Status, name: string): string | undefined =>
  services.find((service) => service.name === name)?.state;

async function refused(message: RegExp, args: readonly string[], on: KmkLab = lab): Promise<void> {
  const run = await on.kmk(args);
  expect(run.exitCode, run.stderr).toBe(7);
  expect(run.stderr).toMatch(message);
}

test('a second deploy changes nothing and says so', async () => {
  const before = await pids();
  const { stdout } = await lab.ok('deploy');
  expect(stdout).toContain('runs already, nothing changed');
  expect(await lab.json('deploy')).toMatchObject({ changed: false });
  expect(await pids()).toEqual(before);
});

test('each service has a log; no password is in a log, record, journal or process argument', async () => {
  const secrets = await lab.read('lab/secrets/internal.properties');
  const passwords = [...secrets.matchAll(/password=(.+)/g)].map(([, password]) => password ?? '');
  expect(passwords).toHaveLength(2);
  expect((await stat(join(lab.stateDir, 'lab/secrets/internal.properties'))).mode & 0o777).toBe(0o600);
  for (const { log } of (await status()).services) expect((await stat(log)).size).toBeGreaterThan(0);
  const holders: string[] = [];
  for (const entry of await readdir(lab.stateDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // What brokers store is not for people to read, but a password must not be there either.
    if (!entry.isFile() || path.endsWith('.index') || path.endsWith('.timeindex')) continue;
    const text = await readFile(path, 'latin1');
    if (passwords.some((password) => text.includes(password))) holders.push(path.slice(lab.stateDir.length));
  }
  expect(holders).toEqual(['/lab/secrets/internal.properties']);
  const seen = processes().filter(({ args }) => passwords.some((password) => args.join(' ').includes(password)));
  expect(seen).toEqual([]);
});

test('a broker that was killed is exited, and deploy starts it again alone', async () => {
  const [dr, connect, primary] = await pids();
  process.kill(primary ?? 0, 'SIGKILL');
  await expect.poll(async () => stateOf(await status(), 'primary-broker-1')).toBe('exited');
  const { stdout } = await lab.ok('deploy');
  expect(stdout).toContain('deployed "');
  const after = await pids();
  expect(after.slice(0, 2)).toEqual([dr, connect]);
  expect(after[2]).not.toBe(primary);
  expect((await status()).state).toBe('running');
});

test('a changed filter only changes the connectors', async () => {
  const before = await pids();
  await lab.configure('replication:\n  flows:\n    - { source: primary, target: dr, topics: ["only-.*"] }\n');
  expect(await lab.json('deploy')).toMatchObject({ changed: true });
  expect(await pids()).toEqual(before);
  const { connect } = (JSON.parse(await lab.read('lab/lab.json')) as { ports: { connect: { dr: number } } }).ports;
  const url = `http://127.0.0.1:${connect.dr}/connectors/primary-%3Edr.MirrorSourceConnector/config`;
  // While the worker rebalances it answers 409.
  const topics = async (): Promise<unknown> => ((await (await fetch(url)).json()) as { topics?: string }).topics ?? '';
  await expect.poll(topics, { timeout: 15_000 }).toMatch(/^only-\.\*/);
  await lab.configure('');
  expect(await lab.json('deploy')).toMatchObject({ changed: true });
  expect(await lab.json('deploy')).toMatchObject({ changed: false });
});

test('other clusters, ports or a policy are refused; nothing changes', async () => {
  const before = await pids();
  for (const yaml of [
    'clusters:\n  primary: { brokers: 2, port: auto }\n  dr: { brokers: 1, port: auto }\n',
    'clusters:\n  primary: { brokers: 1, port: 19911 }\n  dr: { brokers: 1, port: auto }\n',
    'clusters:\n  a: { brokers: 1, port: auto }\n  b: { brokers: 1, port: auto }\n',
    'replication:\n  policy: identity\n',
  ]) {
    await lab.configure(yaml);
    await refused(/error: project ".*" is deployed with other clusters or another policy/, ['deploy']);
  }
  await lab.configure('');
  expect(await pids()).toEqual(before);
});

test('the project from another folder, and another project in this one: refused with the name', async () => {
  await refused(/error: project "life-.*" is deployed here, not "other"/, ['deploy', '-p', 'other']);
  await refused(/error: project "life-.*" is deployed here, not "other"/, ['destroy', '--yes', '-p', 'other']);
  const elsewhere = join(lab.dir, 'elsewhere');
  const run = await lab.kmk(['deploy', '--state-dir', elsewhere]);
  expect(run.exitCode, run.stderr).toBe(7);
  expect(run.stderr).toContain(`is deployed from "${lab.stateDir}"`);
  expect(await readdir(elsewhere)).toEqual(['runs']);
  expect(lab.marked()).toHaveLength(3);
});

test('two at once: the second is refused with the pid and the command of the first', async () => {
  process.kill(await lab.pidOf('dr-connect'), 'SIGKILL');
  const first = lab.start(['deploy']);
  await untilTrue(first, () => first.progress().includes('preparing Kafka'));
  await refused(new RegExp(`error: \`kmk deploy\` \\(pid ${first.child.pid}\\) works on "`), ['destroy', '--yes']);
  expect((await first.ended).exitCode).toBe(0);
});

test.each(['primary-broker-1', 'dr-connect'])(
  'status with %s frozen answers in time and says so; deploy thaws it',
  async (name) => {
    process.kill(await lab.pidOf(name), 'SIGSTOP');
    const startedAt = performance.now();
    const seen = await status();
    const took = performance.now() - startedAt;
    expect(stateOf(seen, name)).toBe('frozen');
    expect(seen.state).toBe('degraded');
    expect(took).toBeLessThan(STATUS_LIMIT_MS);
    await lab.ok('deploy');
    expect(stateOf(await status(), name)).toBe('running');
  },
);

test('destroy --keep-data, also with something frozen; Ctrl-C while it starts again; the next deploy finds the topics', async () => {
  await lab.ok('produce', '--topic', 'kept', '--messages', '7');
  process.kill(await lab.pidOf('dr-broker-1'), 'SIGSTOP');
  await lab.ok('destroy', '--keep-data', '--yes');
  expect(lab.marked()).toEqual([]);
  expect((await status()).state).toBe('stopped');
  expect((await lab.ok('destroy', '--keep-data', '--yes')).stdout).toContain('nothing was left to remove');
  const run = lab.start(['deploy']);
  await untilTrue(run, async () => (await readdir(join(lab.stateDir, 'lab/pids'))).includes('primary-broker-1.pid'));
  run.child.kill('SIGINT');
  expect((await run.ended).exitCode).toBe(130);
  expect(lab.marked()).toEqual([]);
  expect((await status()).state).toBe('stopped');
  expect(await lab.json('deploy')).toMatchObject({ changed: true });
  expect(await lab.json('consume', '--topic', 'kept')).toMatchObject({ count: 7 });
});

test('destroy with everything frozen and an unreadable record leaves nothing; again it has nothing to do', async () => {
  for (const pid of await pids()) process.kill(pid, 'SIGSTOP');
  await writeFile(join(lab.stateDir, 'lab/lab.json'), '{"version": 1, "proj');
  await writeFile(join(lab.stateDir, 'lab/pids/dr-connect.json'), '');
  await refused(/error: the lab record ".*" is not readable/, ['deploy']);
  await lab.ok('destroy', '--yes');
  expect(lab.marked()).toEqual([]);
  expect(await readdir(lab.stateDir)).toEqual(['runs']);
  expect((await lab.ok('destroy', '--yes')).stdout).toContain('nothing is deployed here');
  expect((await lab.ok('destroy', '--yes', '-p', 'never-deployed')).stdout).toContain('nothing is deployed here');
});
