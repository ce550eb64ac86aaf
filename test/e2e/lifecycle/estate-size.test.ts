import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FailoverDocument } from '../../../src/domain/documents.ts';
import { STATE_TOPIC } from '../../../src/domain/cluster-state.ts';
import type { KafkaAdmin } from '../../../src/app/ports/kafka-admin.ts';
import { mapLimited } from '../../../src/app/map-limited.ts';
import { createKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import { LONGEST_VALUE } from '../../../src/domain/state-parts.ts';
import { eventually, kcat } from '../../helpers/kafka-tools.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { kmkStruck } from '../../helpers/struck-move.ts';
import { kcatAsSuperUser, superUserOf } from '../../helpers/super-user.ts';

/** As many positions as a small company has: more than fits into one record, or one page. */
const TOPICS = Array.from({ length: 10 }, (_, index) => `topic-${index}`);
const PARTITIONS = 4;
const GROUPS = Array.from({ length: 300 }, (_, index) => ({ group: `group-${index}`, index }));
const RECORDS = 6;
const PARALLEL = 16;
/** Of files that people open. */
const SMALL = 2 * 1024 * 1024;
let lab: KmkLab;
const admins = new Map<string, KafkaAdmin>();

beforeAll(async () => {
  lab = await KmkLab.create();
  await lab.ok('deploy');
  for (const alias of ['primary', 'dr']) {
    const { bootstrap, username, password } = await superUserOf(lab, alias);
    admins.set(alias, createKafkaAdmin({ bootstrap, clientId: 'estate-size', sasl: { username, password } }));
  }
  await mapLimited(TOPICS, PARALLEL, (topic) =>
    adminOf('primary').createTopic({ topic, partitions: PARTITIONS, replicationFactor: 1 }),
  );
  await mapLimited(TOPICS, 4, async (topic) => {
    for (let partition = 0; partition < PARTITIONS; partition += 1) await write('primary', topic, partition, RECORDS);
  });
  await mapLimited(GROUPS, PARALLEL, ({ group, index }) =>
    adminOf('primary').commitOffsets(group, positions(TOPICS, index)),
  );
  await eventually(
    'the copies',
    async () => {
      const ranges = await adminOf('dr').logRanges(TOPICS.map((topic) => `primary.${topic}`));
      const whole = ranges.filter(({ end }) => end === BigInt(RECORDS));
      return whole.length === TOPICS.length * PARTITIONS ? true : undefined;
    },
    60_000,
  );
}, 180_000);
afterAll(async () => {
  for (const admin of admins.values()) await admin[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

function adminOf(alias: string): KafkaAdmin {
  const admin = admins.get(alias);
  if (admin === undefined) throw new Error(`no admin of ${alias}`);
  return admin;
}

async function write(alias: string, topic: string, partition: number, records: number): Promise<void> {
  const login = await kcatAsSuperUser(lab, alias);
  const lines = Array.from({ length: records }, (_, index) => `${topic}-${partition}-${index}\n`).join('');
  await kcat([...login, '-P', '-t', topic, '-p', String(partition)], lines);
}

/** Where the group stands: anywhere from the first record to behind the last. */
function positions(topics: readonly string[], index: number) {
  return topics.flatMap((topic, at) =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({
      ...{ topic, partition },
      offset: BigInt((index + at + partition) % (RECORDS + 1)),
    })),
  );
}

/** How many positions of the groups on that cluster are not those that they had, on topics of such names. */
async function wrongPositions(alias: string, nameOf: (topic: string) => string): Promise<number> {
  const wrong = await mapLimited(GROUPS, PARALLEL, async ({ group, index }) => {
    const found = await adminOf(alias).groupOffsets(group);
    const has = new Map(found.map((at) => [`${at.topic}/${at.partition}`, at.offset]));
    return positions(TOPICS, index).filter((at) => has.get(`${nameOf(at.topic)}/${at.partition}`) !== at.offset).length;
  });
  return wrong.reduce((sum, count) => sum + count, 0);
}

/** Bytes of the longest value in kmk's state on that cluster, as kcat reads them. */
async function longestState(alias: string): Promise<number> {
  const login = await kcatAsSuperUser(lab, alias);
  const text = await kcat([...login, '-C', '-t', STATE_TOPIC, '-e', '-q', '-f', '%S\n']);
  return Math.max(...text.split('\n').map(Number));
}

async function sizes(runId: string): Promise<readonly number[]> {
  const files = ['result.json', 'report.html'].map((name) => stat(join(lab.stateDir, 'runs', runId, name)));
  return (await Promise.all(files)).map(({ size }) => size);
}

test('a switchover of 12,000 positions that is killed goes on elsewhere; records, result and report stay small', async () => {
  const struck = { step: 'offsets', moment: 'done', blow: 'SIGKILL' } as const;
  expect(await kmkStruck(lab, ['switchover', '--yes'], struck)).toMatchObject({ killedBy: 'SIGKILL' });
  // As another machine would find it: without the run.
  await rename(join(lab.stateDir, 'runs'), join(lab.dir, 'runs-before'));
  const document = (await lab.json('resume', '--yes')) as unknown as FailoverDocument;
  expect(document).toMatchObject({ kind: 'switchover', verdict: 'pass', loss: { records: 0 } });
  expect(document.positions).toMatchObject({ groups: GROUPS.length, positions: GROUPS.length * TOPICS.length * 4 });
  const lines = (await lab.read(`runs/${document.runId}/positions.jsonl`)).trimEnd().split('\n');
  expect(lines).toHaveLength(GROUPS.length);
  for (const size of await sizes(document.runId)) expect(size).toBeLessThan(SMALL);
  expect(await wrongPositions('dr', (topic) => `primary.${topic}`)).toBe(0);
  for (const alias of ['primary', 'dr']) expect(await longestState(alias)).toBeLessThanOrEqual(LONGEST_VALUE);
}, 240_000);

test('back, over and back again: every group stands where it stood', async () => {
  const back = (await lab.json('failback', '--yes')) as unknown as FailoverDocument;
  expect(back).toMatchObject({ verdict: 'pass', duplicates: 0, stranded: 0 });
  expect(await wrongPositions('primary', (topic) => topic)).toBe(0);
  const over = (await lab.json('failover', '--simulate', '--yes')) as unknown as FailoverDocument;
  expect(over).toMatchObject({ verdict: 'pass' });
  const again = (await lab.json('failback', '--yes')) as unknown as FailoverDocument;
  expect(again).toMatchObject({ verdict: 'pass', duplicates: 0, stranded: 0 });
  expect(await wrongPositions('primary', (topic) => topic)).toBe(0);
  for (const { runId } of [back, over, again]) {
    for (const size of await sizes(runId)) expect(size).toBeLessThan(SMALL);
  }
  for (const alias of ['primary', 'dr']) expect(await longestState(alias)).toBeLessThanOrEqual(LONGEST_VALUE);
}, 300_000);
