import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheRoot } from '../../../src/runtime/local/jars.ts';
import { untilTrue } from '../../helpers/journal-watch.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';

const LIBS = join(cacheRoot(process.env), 'kafka-4.3.1', 'libs');
let lab: KmkLab;
let scratch: string;

beforeAll(async () => {
  lab = await KmkLab.create();
  scratch = await mkdtemp(join(tmpdir(), 'kmk-env-'));
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

/** A deploy that must fail: one line, at least one hint with what to do, nothing left running. */
async function refused(
  exitCode: number,
  message: RegExp,
  env: Record<string, string> = {},
  args: string[] = [],
): Promise<string> {
  const run = await lab.kmk(['deploy', ...args], env);
  const lines = run.stderr.split('\n').filter((line) => /^(error|hint):/.test(line));
  expect(run.exitCode, run.stderr).toBe(exitCode);
  expect(lines[0], run.stderr).toMatch(message);
  expect(lines.length, 'a hint').toBeGreaterThan(1);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  expect(lab.marked()).toEqual([]);
  return run.stderr;
}

/** A folder with programs of that name only. */
async function path(name: string, programs: Record<string, string>): Promise<string> {
  const bin = join(scratch, name);
  await mkdir(bin);
  for (const tool of ['sh', 'cut', 'mv', 'rm', 'ps', 'cat']) await symlink(`/bin/${tool}`, join(bin, tool));
  for (const [program, script] of Object.entries(programs)) {
    await writeFile(join(bin, program), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, program), 0o755);
  }
  return bin;
}

test('the port of the first broker is taken', async () => {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
  });
  const { port } = server.address() as { port: number };
  await lab.configure(`clusters:\n  primary: { brokers: 1, port: ${port} }\n  dr: { brokers: 1, port: auto }\n`);
  await refused(4, new RegExp(`^error: port ${port} .*"primary" is in use`));
  await new Promise((resolve) => server.close(resolve));
  await lab.configure('');
});

test('java is absent, broken or too old', async () => {
  const noJava = { PATH: await path('no-java', {}), JAVA_HOME: '' };
  await refused(4, /^error: java could not be run as "java"/, noJava);
  await refused(4, /^error: java could not be run as "\/nowhere\/bin\/java"/, { JAVA_HOME: '/nowhere' });
  const old = await path('old-java', { java: 'echo \'openjdk version "11.0.2" 2019-01-15\' >&2' });
  await refused(4, /^error: java 11\.0\.2 at "java" is too old, 17 is needed/, { PATH: old, JAVA_HOME: '' });
});

test('maven is absent or fails, and no jars are cached', async () => {
  const java = '/usr/bin/java';
  const cache = { KMK_CACHE: join(scratch, 'cache'), JAVA_HOME: '' };
  const bin = await path('no-maven', {});
  await symlink(java, join(bin, 'java'));
  await refused(4, /^error: maven is needed once to fetch Kafka 4\.3\.1 and "mvn" was not found/, {
    ...cache,
    PATH: bin,
  });
  const broken = await path('broken-maven', { mvn: 'echo "[ERROR] Could not resolve org.apache.kafka:4.3.1"; exit 1' });
  await symlink(java, join(broken, 'java'));
  const said = await refused(4, /^error: maven could not fetch Kafka 4\.3\.1: Could not resolve/, {
    ...cache,
    PATH: broken,
  });
  expect(said).toContain('KAFKA_HOME');
});

test('kmk is killed while maven fetches: maven ends too', async () => {
  const bin = await path('slow-maven', { mvn: `echo $$ > ${scratch}/mvn.pid; exec /bin/sleep 600` });
  await symlink('/usr/bin/java', join(bin, 'java'));
  const run = lab.start(['deploy'], { PATH: bin, KMK_CACHE: join(scratch, 'cache-2'), JAVA_HOME: '' });
  const pid = (): number =>
    Number(execFileSync('sh', ['-c', `cat ${scratch}/mvn.pid 2>/dev/null || echo 0`], { encoding: 'utf8' }));
  expect(await untilTrue(run, () => pid() > 0)).toBe(true);
  const maven = pid();
  run.child.kill('SIGKILL');
  await run.ended;
  await expect.poll(() => alive(maven), { timeout: 10_000 }).toBe(false);
  await lab.ok('destroy', '--yes');
});

test('KAFKA_HOME is wrong', async () => {
  await refused(4, /^error: KAFKA_HOME "\/nowhere" holds no libs/, { KAFKA_HOME: '/nowhere' });
  const other = join(scratch, 'other-kafka');
  await mkdir(join(other, 'libs'), { recursive: true });
  await writeFile(join(other, 'libs', 'kafka-clients-2.8.0.jar'), '');
  await refused(4, /holds Kafka 2\.8\.0, the setup asks for 4\.3\.1/, { KAFKA_HOME: other });
});

test('the state directory cannot be written', async () => {
  await writeFile(join(scratch, 'file'), '');
  await refused(4, /^error: the state directory ".*\/file" cannot be made \(EEXIST\)/, {}, [
    '--state-dir',
    join(scratch, 'file'),
  ]);
  await refused(4, /^error: the state directory .* cannot be made/, {}, ['--state-dir', '/proc/kmk']);
});

test('the disk is full before and after the start; destroy works on a full disk', async (context) => {
  const disk = join(scratch, 'disk');
  await mkdir(disk);
  const mount = (options: string): void => void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'kmk-test', disk]);
  try {
    mount('size=20m');
  } catch {
    return context.skip('a tmpfs cannot be mounted here');
  }
  const args = ['--state-dir', join(disk, 'state')];
  try {
    await refused(4, /^error: only \d+ MiB are free at ".*", a lab needs 64 MiB/, {}, args);
    execFileSync('mount', ['-o', 'remount,size=300m', disk]);
    await lab.ok('deploy', ...args);
    execFileSync('sh', ['-c', `cat /dev/zero > ${disk}/filler 2>/dev/null || true`]);
    const destroyed = await lab.kmk(['destroy', '--yes', ...args]);
    expect(destroyed.exitCode, destroyed.stderr).toBe(0);
    // A broker may have ended already, at its first write.
    expect(destroyed.stdout).toMatch(/removed process (primary|dr)-/);
    execFileSync('rm', [`${disk}/filler`]);
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    await refused(4, /^error: .*(EROFS|read-only)/, {}, ['--state-dir', join(disk, 'other')]);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test('a broker that is killed at its start ends the deploy', async () => {
  const run = lab.start(['deploy']);
  await untilTrue(run, async () => (await lab.pidOf('primary-broker-1').catch(() => 0)) > 0);
  process.kill(await lab.pidOf('primary-broker-1'), 'SIGKILL');
  const { exitCode, stderr } = await run.ended;
  expect(exitCode, stderr).toBe(5);
  expect(stderr).toMatch(/error: service "primary-broker-1" stopped by itself/);
  expect(stderr).toContain('Its log is "');
  expect(lab.marked()).toEqual([]);
});

test('services that end by themselves at the start: what they said last', async () => {
  // Room for `java -version`, none for a broker.
  const said = await refused(5, /^error: service "[a-z]+-[a-z0-9-]+" stopped by itself/, {
    JAVA_TOOL_OPTIONS: '-XX:MaxMetaspaceSize=6m',
  });
  expect(said).toMatch(/hint: It said: .*OutOfMemoryError: (Metaspace|Compressed class space)/);
});

test('KAFKA_HOME is taken instead of the cache', async () => {
  const home = join(scratch, 'kafka');
  await mkdir(home);
  await symlink(LIBS, join(home, 'libs'));
  const cache = join(scratch, 'own-cache');
  // What a training run would make for these jars was made already: copied, so that the test need not train.
  const made = join(cacheRoot(process.env), 'kafka-4.3.1');
  const key = createHash('sha256').update(join(home, 'libs')).digest('hex').slice(0, 12);
  for (const name of (await readdir(made)).filter((entry) => entry.startsWith('fast-start-')))
    await cp(join(made, name), join(cache, `kafka-home-${key}`, name), { recursive: true });
  const env = { KAFKA_HOME: home, KMK_CACHE: cache };
  const run = await lab.kmk(['deploy'], env);
  expect(run.exitCode, run.stderr).toBe(0);
  await lab.ok('destroy', '--yes');
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
