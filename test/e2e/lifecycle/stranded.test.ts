import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilPhase } from '../../helpers/journal-watch.ts';
import { eventually, kcat } from '../../helpers/kafka-tools.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { kmkStruck } from '../../helpers/struck-move.ts';
import { kcatAsSuperUser } from '../../helpers/super-user.ts';
import { judgeRows, readTwins } from '../../helpers/twins.ts';
import type { GroupOffsets, OffsetsDocument, VerifyDocument } from '../../../src/domain/documents.ts';

/** Records that never crossed, and waves, under the identity policy: one lab, one outage after the other. */
const TOPIC = 'orders';
const GROUP = 'g';
/** Written on the old primary after the promotion. */
const SECOND_WRITES = 30;
const FENCED = { step: 'fence', moment: 'done', blow: 'SIGKILL' } as const;
let lab: KmkLab;
const bootstrap = new Map<string, string>();

beforeAll(async () => {
  lab = await KmkLab.create({ yaml: 'replication:\n  policy: identity\n' });
  await lab.ok('deploy');
  await lab.ok('topic', 'create', TOPIC, '--partitions', '2');
  const { clusters } = (await lab.json('status')) as unknown as {
    clusters: readonly { readonly alias: string; readonly bootstrap: string }[];
  };
  for (const at of clusters) bootstrap.set(at.alias, at.bootstrap);
});
afterAll(() => lab[Symbol.asyncDispose]());

interface Seen {
  readonly partition: number;
  readonly offset: number;
  readonly ts: number;
  readonly key: string | null;
  readonly payload: string | null;
  readonly headers?: readonly string[];
}

/** Everything that a cluster holds of a topic, as kcat reads it. */
async function log(alias: string, topic = TOPIC): Promise<readonly Seen[]> {
  const text = await kcat(['-b', bootstrap.get(alias) ?? '', '-C', '-t', topic, '-e', '-q', '-J']);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Seen);
}

const values = (records: readonly Seen[]): string[] => records.map(({ payload }) => payload ?? '').toSorted();
const isReplay = ({ headers = [] }: Seen): boolean => headers.includes('kmk.replay');

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(3, '0')}`);
}

/** Written by a client that kmk did not write; keys spread them over the partitions. */
async function write(alias: string, lines: readonly string[], ...options: string[]): Promise<void> {
  const input = lines.map((line) => `${line}:${line}\n`).join('');
  await kcat(['-b', bootstrap.get(alias) ?? '', '-P', '-t', TOPIC, '-K', ':', ...options], input);
}

/** The primary dies with records that were never copied; clients go on at the other side. */
async function strand(tail: readonly string[], ...options: string[]): Promise<void> {
  await lab.ok('flow', 'stop', 'primary->dr', '--yes');
  await write('primary', tail, ...options);
  await lab.ok('failover', '--simulate', '--yes');
}

async function copied(count: number): Promise<void> {
  await eventually('the copy', async () => ((await log('dr')).length >= count ? true : undefined));
}

async function read(cluster: string, group: string, topic = TOPIC): Promise<readonly string[]> {
  const { records } = (await lab.json(
    ...['consume', '--topic', topic, '--group', group, '--cluster', cluster, '--timeout', '20s'],
  )) as unknown as { readonly records: readonly { readonly value: string }[] };
  return records.map(({ value }) => value).toSorted();
}

const before = numbered('before', 60);
const exported = numbered('exported', 15);
const during = numbered('during', 30);
const SHORT = numbered('short', 2);

/** Records of a topic with one partition, one after the other. */
async function lines(topic: string, records: readonly string[], alias = 'primary'): Promise<void> {
  await kcat(['-b', bootstrap.get(alias) ?? '', '-P', '-t', topic], records.map((line) => `${line}\n`).join(''));
}

const onDr = async (topic: string): Promise<readonly (string | null)[]> =>
  (await log('dr', topic)).map(({ payload }) => payload);

async function groupsOf(topic: string): Promise<readonly GroupOffsets[]> {
  const { groups } = (await lab.json('offsets', 'show')) as unknown as OffsetsDocument;
  return groups
    .map((shown) => ({ ...shown, partitions: shown.partitions.filter((at) => at.topic === topic) }))
    .filter(({ group }) => group.startsWith(topic));
}

const marks = numbered('mark', 100);
const anew = [...numbered('old', 40), ...numbered('new', 20)];

test('groups anywhere in a log stand at the very record, and those of a copy that was created anew nowhere', async () => {
  for (const topic of ['marks', 'anew', 'low']) await lab.ok('topic', 'create', topic, '--partitions', '1');
  await lines('marks', marks);
  await lines('anew', anew.slice(0, 40));
  await lines('low', ['only']);
  const read = (topic: string, count: number) =>
    lab.ok('consume', '--topic', topic, '--group', `${topic}-${count}`, '--messages', String(count));
  for (const count of [1, 40, 100]) await read('marks', count);
  await read('low', 1);
  await read('anew', 30);
  await eventually('the copy', async () => ((await onDr('anew')).length === 40 ? true : undefined));
  // Ids of the copies are known from now on.
  expect((await groupsOf('anew')).map(({ partitions }) => partitions[0]?.exact)).toEqual(['30']);
  await lab.ok('flow', 'stop', 'primary->dr', '--yes');
  await lab.ok('topic', 'delete', 'anew', '--cluster', 'dr', '--yes');
  await lab.ok('flow', 'resume', 'primary->dr');
  await lines('anew', anew.slice(40));
  await eventually('the copy made anew', async () => ((await onDr('anew')).length > 0 ? true : undefined));
  const twins = await readTwins(
    ['marks', 'low'].map((topic) => ({ topic, partition: 0, copy: topic })),
    (alias) => bootstrap.get(alias) ?? '',
  );
  const rows = [...(await groupsOf('marks')), ...(await groupsOf('low'))];
  expect(judgeRows(rows, twins)).toEqual({ committed: 4, exact: 4, unproved: [], ahead: 0, wrong: [] });
  const { exitCode, stdout } = await lab.kmk(['verify', '-o', 'json']);
  const { checks } = JSON.parse(stdout) as VerifyDocument;
  expect([exitCode, checks.find(({ id }) => id === 'topics.identity')?.verdict]).toEqual([6, 'fail']);
}, 120_000);

test('a tail is refused until somebody decides, and an export holds it byte for byte; groups go on behind it', async () => {
  await write('primary', before);
  await copied(before.length);
  expect(await read('primary', GROUP)).toEqual(before);
  await eventually('the group on the standby', async () => ((await read('dr', GROUP)).length === 0 ? true : undefined));
  // A topic that is shorter than what was copied of it before it was deleted and created anew: none of it crossed.
  await lab.ok('topic', 'create', 'short', '--partitions', '1');
  await lines('short', numbered('old', 3));
  await eventually('the copy', async () => {
    // kcat fails while the topic is not there.
    const found = await onDr('short').catch(() => []);
    return found.length === 3 ? true : undefined;
  });
  await lab.ok('flow', 'stop', 'primary->dr', '--yes');
  await lab.ok('topic', 'delete', 'short', '--cluster', 'primary', '--yes');
  await lab.ok('topic', 'create', 'short', '--partitions', '1', '--cluster', 'primary');
  await lines('short', SHORT);
  await strand(exported, '-H', 'trace=é1', '-H', 'empty');
  // Nothing unread is passed, and of a copy that was created anew all is read.
  for (const count of [1, 40, 100]) {
    expect(await read('dr', `marks-${count}`, 'marks')).toEqual(expect.arrayContaining(marks.slice(count)));
  }
  expect(await read('dr', 'anew-30', 'anew')).toEqual((await onDr('anew')).toSorted());
  await write('dr', during);
  expect(await read('dr', GROUP)).toEqual(during);

  const plain = await lab.kmk(['failback', '--yes']);
  expect([plain.exitCode, plain.stderr]).toEqual([
    7,
    expect.stringMatching(/17 records on "primary" never crossed \(\d+ in orders-\d, \d+ in orders-\d, 2 in short-0\)/),
  ]);
  for (const [args, reason] of [
    [['--stranded', 'late'], 'cannot arrive late under the identity policy'],
    [['--stranded', 'discard'], 'more than the 0 accepted'],
    [['--stranded', 'discard', '--accept-loss', '16'], 'Give `--accept-loss 17`'],
  ] as const) {
    const { exitCode, stderr } = await lab.kmk(['failback', ...args, '--yes']);
    expect([exitCode, stderr]).toEqual([7, expect.stringContaining(reason)]);
  }
  expect(await lab.json('failback', '--stranded', 'export', '--dry-run')).toMatchObject({
    warnings: [expect.stringContaining('17 records on "primary" never crossed')],
  });
  expect(await lab.json('status')).toMatchObject({ active: 'dr' });

  const document = (await lab.json('failback', '--stranded', 'export', '--yes')) as unknown as {
    readonly tail: { readonly file: string };
  };
  expect(document).toMatchObject({
    ...{ verdict: 'pass', stranded: 17, duplicates: 0 },
    tail: { resolution: 'exported', records: 17, groups: 'skip' },
  });
  const [head, ...rows] = (await readFile(document.tail.file, 'utf8')).trimEnd().split('\n');
  expect(JSON.parse(head ?? '')).toMatchObject({ schema: 'kmk.stranded/v1', cluster: 'primary' });
  expect(JSON.parse(rows.pop() ?? '')).toEqual({ records: 17 });
  const text = (base64: string | null): string | null =>
    base64 === null ? null : Buffer.from(base64, 'base64').toString();
  const inAll = rows.map((line) => {
    const { topic, partition, offset, timestamp, key, value, headers } = JSON.parse(line) as {
      readonly [name in 'partition' | 'timestamp']: number;
    } & { readonly [name in 'topic' | 'offset' | 'value']: string } & {
      key: string | null;
      headers: [string, string | null][];
    };
    return {
      topic,
      partition,
      offset: Number(offset),
      ts: timestamp,
      key: text(key),
      payload: text(value),
      headers: headers.flatMap(([name, bytes]) => [name, text(bytes)]),
    };
  });
  expect(inAll.filter(({ topic }) => topic === 'short').map(({ payload }) => payload)).toEqual(SHORT);
  const inFile = inAll.flatMap(({ topic, ...record }) => (topic === TOPIC ? [record] : []));
  const onPrimary = await log('primary');
  const originals = onPrimary.filter(({ payload }) => exported.includes(payload ?? ''));
  type Placed = Pick<Seen, 'partition' | 'offset'>;
  const order = (a: Placed, b: Placed): number => a.partition - b.partition || a.offset - b.offset;
  expect(inFile.toSorted(order)).toEqual(
    originals
      .map(({ partition, offset, ts, key, payload, headers }) => ({ partition, offset, ts, key, payload, headers }))
      .toSorted(order),
  );
  expect(values(onPrimary)).toEqual([...before, ...during, ...exported].toSorted());
  expect(values(await log('dr'))).toEqual([...before, ...during].toSorted());
  expect(await read('primary', GROUP)).toEqual([]);
}, 180_000);

test('a replay that is killed twice is on the active cluster once, comes back never, and who wrote on both sides is named', async () => {
  const replayed = numbered('replayed', 400);
  const later = numbered('later', 20);
  // The primary answers and is given up: a producer that no fence stops goes on there.
  await lab.ok('flow', 'stop', 'primary->dr', '--yes');
  const cut = await kmkStruck(lab, ['failover', '--force', '--yes'], FENCED);
  expect(cut.killedBy).toBe('SIGKILL');
  await expect(write('primary', ['refused'])).rejects.toThrow(/authorization failed/);
  expect(await lab.json('resume', '--rollback', '--yes')).toMatchObject({ undone: ['fence'], active: 'primary' });
  await write('primary', replayed.slice(SECOND_WRITES), '-H', 'trace=2');
  const refused = await lab.kmk(['failover', '--yes']);
  expect([refused.exitCode, refused.stderr]).toEqual([7, expect.stringContaining('"primary" is healthy')]);
  const forced = await lab.json('failover', '--force', '--yes');
  expect(forced).toMatchObject({
    ...{ verdict: 'pass', simulated: false },
    loss: { records: replayed.length - SECOND_WRITES, basis: 'offsets' },
    checks: expect.arrayContaining([expect.objectContaining({ id: 'source.fenced', verdict: 'pass' })]) as unknown,
  });
  await expect(write('primary', ['refused'])).rejects.toThrow(/authorization failed/);
  const unstoppable = ['-X', 'enable.idempotence=true', ...(await kcatAsSuperUser(lab, 'primary'))];
  await write('primary', replayed.slice(0, SECOND_WRITES), '-H', 'trace=2', ...unstoppable);
  await write('dr', later);
  expect(await read('dr', GROUP)).toEqual(expect.arrayContaining(later));

  for (const phase of ['tail', 'reverse']) {
    const run = lab.start(phase === 'tail' ? ['failback', '--stranded', 'replay', '--yes'] : ['resume', '--yes']);
    if (!(await untilPhase(lab, run, phase))) throw new Error((await run.ended).stderr);
    run.child.kill('SIGKILL');
    await run.ended;
  }
  const other = await lab.kmk(['failback', '--stranded', 'export', '--yes']);
  expect([other.exitCode, other.stderr]).toEqual([
    7,
    expect.stringContaining('a replay of the stranded records has begun'),
  ]);
  // An application took the header over from a record that it had read: the way back leaves this one out, too.
  await write('dr', ['its own'], '-H', 'kmk.replay=taken over');
  const incomplete = await lab.kmk(['failback', '--yes']);
  const missing = /1 records written on "dr" are missing on "primary" \(1 in orders-\d\)/;
  expect([incomplete.exitCode, incomplete.stderr]).toEqual([9, expect.stringMatching(missing)]);
  expect(incomplete.stderr).toContain('kmk failback --accept-loss 1');
  expect(await lab.json('status')).toMatchObject({ active: 'dr' });
  const document = await lab.json('failback', '--accept-loss', '1', '--yes');
  expect(document).toMatchObject({
    ...{ verdict: 'pass', stranded: 400, duplicates: 0 },
    tail: { resolution: 'replayed', records: 400 },
  });
  const { checks } = document as unknown as { readonly checks: readonly { readonly id: string; message: string }[] };
  const second = checks.find(({ id }) => id === 'writers.one-side');
  expect(second).toMatchObject({
    verdict: 'inconclusive',
    message: expect.stringMatching(
      /^written on "primary" after the promotion of "dr": orders-\d offsets? \d+/,
    ) as string,
  });
  const named = [...(second?.message ?? '').matchAll(/(\d+) records, \S+ to \S+ by producer \d+, epoch 0/g)];
  expect(named.reduce((sum, [, records]) => sum + Number(records), 0)).toBe(SECOND_WRITES);
  const [onPrimary, onDr] = await Promise.all([log('primary'), log('dr')]);
  const all = [...before, ...exported, ...during, ...replayed, ...later].toSorted();
  expect(values(onPrimary)).toEqual(all);
  expect(onPrimary.filter(isReplay)).toEqual([]);
  expect(values(onDr)).toEqual([...before, ...during, ...replayed, ...later, 'its own'].toSorted());
  const originals = new Map(onPrimary.map((record) => [record.payload, record]));
  const replays = onDr.filter((record) => isReplay(record) && record.payload !== 'its own');
  for (const replay of replays) {
    const { partition, offset, ts, key, headers = [] } = originals.get(replay.payload) ?? ({} as Partial<Seen>);
    expect(replay).toMatchObject({ partition, ts, key });
    expect(replay.headers?.slice(0, headers.length)).toEqual(headers);
    expect(replay.headers).toEqual(expect.arrayContaining(['kmk.origin.offset', String(offset)]));
  }
  expect(replays).toHaveLength(400);
  // It had not read them on "dr": on "primary" it finds them, and what follows, again.
  expect(await read('primary', GROUP)).toEqual(expect.arrayContaining(replayed));
}, 180_000);

test('a wave opens the standby for its topics alone; nothing goes round, and it returns whole, also once killed', async () => {
  for (const topic of ['wave', 'stays']) await lab.ok('topic', 'create', topic, '--partitions', '1');
  const own = numbered('own', 30);
  const moved = numbered('moved', 12);
  await lines('wave', own);
  await lines('stays', ['first']);
  await lab.ok('consume', '--topic', 'wave', '--group', 'wg', '--messages', '20');
  const takes = async (alias: string, topic: string): Promise<boolean> => {
    const to = ['-b', bootstrap.get(alias) ?? '', '-P', '-t', topic, '-X', 'message.timeout.ms=3000'];
    return kcat(to, 'x\n').then(
      () => true,
      () => false,
    );
  };

  expect(await lab.json('switchover', '--topic', 'wave', '--yes')).toMatchObject({ verdict: 'pass', topics: ['wave'] });
  await lines('wave', moved, 'dr');
  await lab.ok('topic', 'create', 'later', '--cluster', 'dr', '--partitions', '1');
  const closed = [takes('dr', 'stays'), takes('dr', 'later'), takes('primary', 'wave')];
  expect(await Promise.all([...closed, takes('primary', 'stays')])).toEqual([false, false, false, true]);
  expect(await read('dr', 'wg', 'wave')).toEqual([...own.slice(20), ...moved].toSorted());
  // The canary is copied one way only, or it would go round for ever.
  const canaries = (await log('primary', 'kmk-canary')).length;

  // With its positions set and clients back on the other side, nothing copied yet.
  const back = await kmkStruck(lab, ['failback', '--yes'], { step: 'forward', moment: 'started', blow: 'SIGKILL' });
  expect(back.killedBy, back.stderr).toBe('SIGKILL');
  expect(await takes('dr', 'wave')).toBe(false);
  expect(await lab.json('resume', '--yes')).toMatchObject({ verdict: 'pass' });
  expect((await log('primary', 'kmk-canary')).length).toBeLessThan(canaries + 5);
  await lines('wave', ['last']);
  await eventually('the copy', async () => ((await onDr('wave')).at(-1) === 'last' ? true : undefined));
  const whole = [...own, ...moved, 'last'];
  expect([await onDr('wave'), (await log('primary', 'wave')).map(({ payload }) => payload)]).toEqual([whole, whole]);
  expect(await read('primary', 'wg', 'wave')).toEqual(['last']);
}, 180_000);
