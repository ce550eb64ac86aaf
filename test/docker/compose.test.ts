import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../scripts/examples.ts';
import { createKafkaAdmin } from '../../src/kafka/kafka-admin.ts';
import { kcat } from '../helpers/kafka-tools.ts';
import { runCli } from '../helpers/run-cli.ts';

const run = promisify(execFile);
const PROJECT = 'kmk-compose-test';
const CROSSING_MS = 120_000;
const [PRIMARY, DR] = [19_392, 19_393];

let folder: string | null = null;

async function compose(...args: string[]): Promise<string> {
  if (folder === null) throw new Error('nothing was rendered');
  const file = join(folder, 'out', 'docker-compose.yml');
  const { stdout } = await run('docker-compose', ['-p', PROJECT, '-f', file, ...args], { maxBuffer: 1 << 24 });
  return stdout;
}

async function render(replication: string): Promise<string> {
  folder = await mkdtemp(join(tmpdir(), 'kmk-compose-'));
  const lines = [
    'version: 1',
    'clusters:',
    `  primary: { port: ${PRIMARY} }`,
    `  dr: { port: ${DR} }`,
    'ui: { enabled: false }',
    replication,
  ];
  await writeFile(join(folder, 'kmk.yaml'), `${lines.join('\n')}\n`);
  const result = await runCli(['render', 'compose', '--out', 'out', '-q'], { cwd: folder });
  expect(result.exitCode, result.stderr).toBe(0);
  // The REST port on this host is not what is proved here, and another lab may have it.
  const file = join(folder, 'out', 'docker-compose.yml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"127.0.0.1:8083:8083"', '"127.0.0.1::8083"'));
  return join(folder, 'out');
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + CROSSING_MS;
  for (;;) {
    if (await condition().catch(() => false)) return;
    if (Date.now() > deadline)
      throw new Error(`waited ${CROSSING_MS} ms for ${what}\n${await compose('logs', '--tail=40')}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Creates a topic as kmk would, over the published admin listener, writes as a client and waits for the copy. */
async function provesReplication(out: string): Promise<void> {
  const secrets = await readFile(join(out, 'secrets', 'internal.properties'), 'utf8');
  const password = /^kmk\.password=(.*)$/m.exec(secrets)?.[1] ?? '';
  const admin = (port: number) =>
    createKafkaAdmin({
      bootstrap: `127.0.0.1:${port + 20_000}`,
      clientId: 'compose-test',
      sasl: { username: 'kmk', password },
    });
  await using source = admin(PRIMARY);
  await using target = admin(DR);
  await until('the primary', async () => (await source.describeCluster()).brokers.length === 1);
  await source.createTopic({ topic: 'orders', partitions: 1, replicationFactor: 1 });
  await kcat(['-b', `127.0.0.1:${PRIMARY}`, '-P', '-t', 'orders', '-p', '0'], 'one\ntwo\nthree\n');
  await until('the records on the other side', async () => {
    const [range] = await target.logRanges(['primary.orders']);
    return range?.end === 3n;
  });
  const copied = await kcat(['-b', `127.0.0.1:${DR}`, '-C', '-t', 'primary.orders', '-o', 'beginning', '-e', '-q']);
  expect(copied.trim().split('\n')).toEqual(['one', 'two', 'three']);
  await until('a heartbeat on the other side', async () => {
    const [range] = await target.logRanges(['primary.heartbeats']);
    return range !== undefined && range.end > 0n;
  });
}

afterEach(async () => {
  if (folder === null) return;
  await compose('down', '-v', '--timeout', '2');
  await rm(folder, { recursive: true, force: true });
  folder = null;
}, 120_000);

describe('docker-compose', () => {
  it.each(EXAMPLES.map(({ name }) => name))('takes the rendered file of the example %s', async (name) => {
    const file = fileURLToPath(new URL(`../../compose/${name}/docker-compose.yml`, import.meta.url));
    const { stdout } = await run('docker-compose', ['-f', file, 'config', '--services']);
    expect(stdout.trim().split('\n').length).toBeGreaterThan(2);
  });
});

describe('docker-compose up on the rendered file', () => {
  it('replicates with a Connect worker whose connectors the one-shot service posts', async () => {
    const out = await render('');
    await compose('up', '-d');
    await provesReplication(out);
  });

  it('replicates with dedicated MirrorMaker 2', async () => {
    const out = await render('replication: { mode: dedicated }');
    await compose('up', '-d');
    await provesReplication(out);
  });
});
