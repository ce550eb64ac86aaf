import { createServer, type Server } from 'node:net';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { KMK, KmkLab } from '../helpers/kmk-lab.ts';
import { docker } from './stage.ts';

let lab: KmkLab;
let scratch: string;
const made: string[] = [];

beforeAll(async () => {
  lab = await KmkLab.create({ runtime: 'docker' });
  scratch = await mkdtemp(join(tmpdir(), 'kmk-docker-env-'));
});
afterEach(async () => {
  for (const name of made.splice(0)) await docker('rm', '-f', name);
  await lab.configure('');
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

/** A deploy that must fail: one line, a hint with what to do, nothing left. */
async function refused(exitCode: number, message: RegExp, env: Record<string, string> = {}): Promise<string> {
  const run = await lab.kmk(['deploy'], env);
  const lines = run.stderr.split('\n').filter((line) => /^(error|hint):/.test(line));
  expect(run.exitCode, run.stderr).toBe(exitCode);
  expect(lines[0], run.stderr).toMatch(message);
  expect(lines.length, 'a hint').toBeGreaterThan(1);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  const filter = ['--filter', `label=kmk.project=${lab.project}`, '-q'];
  expect(await docker('ps', '-a', ...filter)).toBe('');
  expect(await docker('network', 'ls', ...filter)).toBe('');
  expect(await docker('volume', 'ls', ...filter)).toBe('');
  return run.stderr;
}

test.each([
  ['no engine at the socket', 'unix:///nowhere/docker.sock', /^error: no docker engine answers at "unix:\/\/\/nowhere/],
  ['nobody at the port', 'tcp://127.0.0.1:9', /^error: no docker engine answers at "tcp:\/\/127\.0\.0\.1:9"/],
  [
    'another machine',
    'tcp://192.0.2.1:2375',
    /^error: the docker engine of DOCKER_HOST, "tcp:.*", is not on this machine/,
  ],
  [
    'another machine by ssh',
    'ssh://me@example.org',
    /^error: the docker engine of DOCKER_HOST, "ssh:.*", is not on this/,
  ],
])('%s', async (_, host, message) => {
  const said = await refused(4, message, { DOCKER_HOST: host });
  expect(said).toContain('--runtime local');
});

test.runIf(process.getuid?.() === 0)('an engine that this user may not use', async () => {
  const closed = join(scratch, 'closed.sock');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(closed, resolve));
  await chown(closed, 65_534, 65_534);
  await chmod(closed, 0o600);
  // Root without the right to pass by permissions: everything else on this machine stays readable for it.
  const without = ['--bounding-set', '-dac_override,-dac_read_search', '--inh-caps', '-dac_override,-dac_read_search'];
  const env = { ...process.env, DOCKER_HOST: `unix://${closed}` };
  const run = await promisify(execFile)('setpriv', [...without, process.execPath, KMK, 'deploy'], {
    cwd: lab.dir,
    env,
  }).catch((error: unknown) => error as { readonly code: number; readonly stderr: string });
  expect(run).toMatchObject({ code: 4 });
  expect(run.stderr).toContain(`error: this user may not use the docker engine at "unix://${closed}"`);
  expect(run.stderr).toContain('hint: Join its group with `sudo usermod -aG docker $USER` and log in again.');
  server.close();
});

test('an engine that accepts and never answers', async () => {
  const server = await new Promise<Server>((resolve) => {
    const listening = createServer().listen(0, '127.0.0.1', () => resolve(listening));
  });
  const { port } = server.address() as { port: number };
  await refused(4, /^error: no docker engine answers/, { DOCKER_HOST: `tcp://127.0.0.1:${port}` });
  server.close();
});

test('a context that does not exist, and one of another machine', async () => {
  await refused(4, /^error: docker context "nowhere" does not exist/, { DOCKER_HOST: '', DOCKER_CONTEXT: 'nowhere' });
  const config = { DOCKER_CONFIG: scratch, DOCKER_HOST: '' };
  await docker('--config', scratch, 'context', 'create', 'far', '--docker', 'host=tcp://192.0.2.1:2375');
  await writeFile(join(scratch, 'config.json'), JSON.stringify({ currentContext: 'far' }));
  await refused(4, /^error: the docker engine of docker context "far", "tcp:.*", is not on this machine/, config);
});

test('a port that another container has', async () => {
  const name = `${lab.project}-other`;
  made.push(name);
  await docker('run', '-d', '--name', name, '-p', '127.0.0.1:19392:80', 'apache/kafka:4.3.1', 'sleep', '600');
  await lab.configure('clusters:\n  primary: { brokers: 1, port: 19392 }\n  dr: { brokers: 1, port: auto }\n');
  await refused(4, /^error: port 19392 .* is in use/);
  expect(await docker('inspect', '-f', '{{.State.Running}}', name)).toBe('true');
});

test('an image that cannot be had: named, with the ways out', async () => {
  await lab.configure('images: { kafka: "mirror.invalid/kafka:9.9" }\n');
  const said = await refused(
    5,
    /^error: image "mirror\.invalid\/kafka:9\.9" is not on the engine and could not be pulled: /,
  );
  for (const way of ['docker pull', 'docker load', 'images.kafka', '--runtime local']) expect(said).toContain(way);
});

test('an image whose container ends at once: its last words', async () => {
  const image = `${lab.project}-broken:1`;
  const name = `${lab.project}-build`;
  made.push(name);
  await docker('create', '--name', name, 'apache/kafka:4.3.1');
  await docker('commit', '-c', 'CMD ["sh","-c","echo ERROR broken on purpose; exit 3"]', name, image);
  try {
    await lab.configure(`images: { kafka: "${image}" }\n`);
    expect(await refused(5, /^error: service ".*-broker-1" stopped by itself/)).toContain('broken on purpose');
  } finally {
    await docker('rmi', '-f', image);
  }
});

test('a project name that Docker Compose uses already', async () => {
  const name = `${lab.project}-compose`;
  made.push(name);
  const label = `com.docker.compose.project=${lab.project}`;
  await docker('run', '-d', '--name', name, '--label', label, 'apache/kafka:4.3.1', 'sleep', '600');
  await refused(7, /^error: project ".*" is in use by Docker Compose/);
});
