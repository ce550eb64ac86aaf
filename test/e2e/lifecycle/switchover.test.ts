import { spawn } from 'node:child_process';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LEASE_MS } from '../../../src/domain/cluster-state.ts';
import type { OffsetsDocument } from '../../../src/domain/documents.ts';
import { untilPhase } from '../../helpers/journal-watch.ts';
import { eventually, kcat } from '../../helpers/kafka-tools.ts';
import type { KmkRun } from '../../helpers/kmk-lab.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { withBrokenLease } from '../../helpers/other-operator.ts';
import { kmkElsewhere, kmkStruck } from '../../helpers/struck-move.ts';
import { kcatAsSuperUser } from '../../helpers/super-user.ts';

const TOPIC = 'orders';
const COPY = `primary.${TOPIC}`;
const SETTLE_LIMIT_MS = 60_000;
/** Each writes a line of what it was told. */
const HOOKS = `fence: { strategies: [acl, hook] }
hooks:
${['before-fence', 'undo-fence', 'after-promote'].map((hook) => `  ${hook}: [[node, hook.mjs, told]]`).join('\n')}
  before-promote: [[node, refuse.mjs]]
`;
/** Refuses the promotion while there is a file of that name. */
const REFUSE = `import { existsSync } from 'node:fs';
process.exit(existsSync('refuse') ? 1 : 0);
`;
const HOOK = `import { appendFileSync, readFileSync } from 'node:fs';
const { when, step, kind, to, bootstrap } = JSON.parse(readFileSync(0, 'utf8'));
const { KMK_HOOK_STEP, KMK_HOOK_TO_BOOTSTRAP } = process.env;
const known = KMK_HOOK_STEP === step.id && KMK_HOOK_TO_BOOTSTRAP === bootstrap[to];
appendFileSync(process.argv[2], [when, step.id, kind, to, known].join(' ') + '\\n');
`;
let lab: KmkLab;
/** Acknowledged on "primary" so far. */
let written = 0;
/** Records with values of their own. */
let ownRecords = 0;

beforeAll(async () => {
  lab = await KmkLab.create({ yaml: HOOKS });
  await writeFile(join(lab.dir, 'hook.mjs'), HOOK);
  await writeFile(join(lab.dir, 'refuse.mjs'), REFUSE);
  await lab.ok('deploy');
  await produce(300);
  await lab.ok('consume', '--topic', TOPIC, '--group', 'g', '--messages', '100', '--from-beginning');
  // MM2 moves the group's position on the standby by itself; from here on it has nothing to move.
  await settled((offsets) => offsets.length === 3);
});
afterAll(() => lab[Symbol.asyncDispose]());

async function produce(messages: number): Promise<void> {
  const { cluster } = await lab.json('produce', '--topic', TOPIC, '--messages', String(messages));
  expect(cluster).toBe('primary');
  written += messages;
}

interface Offsets {
  readonly groups: readonly { readonly partitions: readonly { readonly targetCommitted: string | null }[] }[];
}

/** The group's positions on the standby. */
async function standbyOffsets(): Promise<readonly string[]> {
  const { groups } = (await lab.json('offsets', 'show', '--group', 'g')) as unknown as Offsets;
  return groups.flatMap(({ partitions }) => partitions.flatMap(({ targetCommitted: at }) => (at === null ? [] : [at])));
}

async function settled(enough: (offsets: readonly string[]) => boolean): Promise<void> {
  const deadline = performance.now() + SETTLE_LIMIT_MS;
  let before = '';
  for (;;) {
    const now = await standbyOffsets();
    if (enough(now) && now.join() === before) return;
    if (performance.now() > deadline) throw new Error(`the standby's positions stay at ${now.join()}`);
    before = now.join();
  }
}

interface Topics {
  readonly topics: readonly { readonly copies: readonly { readonly cluster: string; readonly topic: string }[] }[];
}

async function topicsOf(cluster: string): Promise<readonly string[]> {
  const { topics } = (await lab.json('topic', 'list')) as unknown as Topics;
  return topics.flatMap(({ copies }) => copies.filter((at) => at.cluster === cluster).map(({ topic }) => topic));
}

function bootstrapOf(status: unknown, alias: string): string {
  const { clusters } = status as { clusters: readonly { readonly alias: string; readonly bootstrap: string }[] };
  return clusters.find((cluster) => cluster.alias === alias)?.bootstrap ?? '';
}

/** What nothing of a switchover may have changed: clients write on the source, the flow copies, groups stand. */
async function expectAsBefore(offsets: readonly string[]): Promise<void> {
  expect(await standbyOffsets()).toEqual(offsets);
  expect(await topicsOf('dr')).not.toContain(TOPIC);
  await produce(30);
  const status = await lab.json('status');
  expect(status).toMatchObject({ active: 'primary', state: 'running', flows: [{ state: 'running' }] });
  const all = ['-b', bootstrapOf(status, 'dr'), '-C', '-t', COPY, '-e', '-q', '-f', '.'];
  const copied = await eventually('the copy', async () => {
    const records = (await kcat(all)).length;
    return records >= written ? records : undefined;
  });
  expect(copied).toBe(written);
}

/** What the hooks were told since the last call. */
async function told(): Promise<readonly string[]> {
  const lines = (await readFile(join(lab.dir, 'told'), 'utf8').catch(() => '')).split('\n').slice(0, -1);
  await rm(join(lab.dir, 'told'), { force: true });
  return lines;
}

/** A switchover whose service is struck as soon as the fence is up: what follows takes half a second, so kmk itself strikes. */
function brokenBehindFence(service: string, blow: 'SIGKILL' | 'SIGSTOP'): Promise<KmkRun> {
  return kmkStruck(lab, ['switchover', '--yes'], { step: 'fence', moment: 'ending', blow }, { service });
}

test('the Connect worker dies behind the fence: all is taken back, clients write on, groups stand', async () => {
  const offsets = await standbyOffsets();
  const { exitCode, stderr } = await brokenBehindFence('dr-connect', 'SIGKILL');
  expect(stderr).toContain('clients write on "primary" as before');
  expect(exitCode).toBe(5);
  const hooks = await told();
  expect(hooks[0]).toBe('before fence switchover dr true');
  expect(new Set(hooks.slice(1))).toEqual(new Set(['undo fence switchover dr true']));
  const again = await lab.kmk(['resume', '--yes']);
  expect([again.exitCode, again.stderr]).toEqual([7, expect.stringContaining('was rolled back')]);
  await expectAsBefore(offsets);
});

test("a user's program refuses the promotion: nothing was promoted, all is taken back, clients write on", async () => {
  const offsets = await standbyOffsets();
  await writeFile(join(lab.dir, 'refuse'), '');
  const { exitCode, stderr } = await lab.kmk(['switchover', '--yes']);
  await rm(join(lab.dir, 'refuse'));
  expect(stderr).toContain('clients write on "primary" as before');
  expect(exitCode).toBe(5);
  expect((await told()).at(-1)).toBe('undo fence switchover dr true');
  const again = await lab.kmk(['resume', '--yes']);
  expect([again.exitCode, again.stderr]).toEqual([7, expect.stringContaining('was rolled back')]);
  await expectAsBefore(offsets);
});

test('the standby freezes behind the fence: clients write again at once, the rest is taken back when it answers', async () => {
  const offsets = await standbyOffsets();
  const broker = await lab.pidOf('dr-broker-1');
  try {
    const { exitCode, stderr } = await brokenBehindFence('dr-broker-1', 'SIGSTOP');
    expect(stderr).toContain('Not all could be taken back');
    expect(stderr).toContain('kmk resume --rollback');
    expect(exitCode).toBe(9);
    await produce(10);
  } finally {
    process.kill(broker, 'SIGCONT');
  }
  const undone = await lab.json('resume', '--rollback', '--yes');
  expect(undone).toMatchObject({ schema: 'kmk.rollback/v1', kind: 'switchover', active: 'primary' });
  await expectAsBefore(offsets);
});

test('a transaction that stays open is named, and holds the switchover up before anything is moved', async () => {
  const offsets = await standbyOffsets();
  const bootstrap = bootstrapOf(await lab.json('status'), 'primary');
  const writer = spawn('kcat', ['-b', bootstrap, '-P', '-t', TOPIC, '-X', `transactional.id=${lab.project}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  try {
    // kcat sends lines once its buffer is full; the filler is no line yet.
    writer.stdin.write(`one\ntwo\n${'x'.repeat(5000)}`);
    const { exitCode, stderr } = await lab.kmk(['switchover', '--yes']);
    expect(stderr).toMatch(/a transaction of producer \d+, epoch 0, has been open since offset \d+ of orders-\d/);
    expect(stderr).toContain('clients write on "primary" as before');
    expect(exitCode).toBe(7);
  } finally {
    writer.stdin.end('\n');
    await new Promise((resolve) => writer.once('close', resolve));
  }
  written += 3;
  await expectAsBefore(offsets);
});

/** Writes on the source as a super user, whom no ACL stops, until it is stopped. */
async function superUserWriter(): Promise<{ stop(): Promise<void> }> {
  const options = [...(await kcatAsSuperUser(lab, 'primary')), '-X', 'enable.idempotence=true', '-X', 'linger.ms=5'];
  const writer = spawn('kcat', ['-P', '-t', TOPIC, ...options], { stdio: ['pipe', 'ignore', 'ignore'] });
  const timer = setInterval(() => {
    written += 1;
    // kcat sends what its buffer of 1 KiB holds once that is full: each line goes out at once.
    writer.stdin.write(`past the fence ${written} ${'x'.repeat(1024)}\n`);
  }, 20);
  return {
    stop: async () => {
      clearInterval(timer);
      writer.stdin.end();
      await new Promise((resolve) => writer.once('close', resolve));
    },
  };
}

test('a writer whom the fence does not stop is named, and the standby is not promoted', async () => {
  const offsets = await standbyOffsets();
  const writer = await superUserWriter();
  let ended: KmkRun;
  try {
    ended = await lab.kmk(['switchover', '--yes']);
  } finally {
    await writer.stop();
  }
  const { exitCode, stderr } = ended;
  expect(stderr).toMatch(/written on "primary" past its fence: orders-\d offsets? \d+.* by producer \d+, epoch 0/);
  // Batches carry neither: the log of the broker that let it write does.
  expect(stderr).toContain("authorizer's log names User:kmk from 127.0.0.1 (orders)");
  expect(stderr).toContain('clients write on "primary" as before');
  expect(exitCode).toBe(7);
  await expectAsBefore(offsets);
});

/** Writes records with values of their own, and gives these. */
async function writeOwn(topic: string, count: number): Promise<readonly string[]> {
  const values = Array.from({ length: count }, (_, index) => `${topic} ${String(ownRecords + index)}`);
  ownRecords += count;
  await writeFile(join(lab.dir, 'values'), `${values.join('\n')}\n`);
  expect(await lab.json('produce', '--topic', topic, '--file', 'values')).toMatchObject({ acknowledged: count });
  return values;
}

/** What a group reads to the ends of these topics, with kcat, which fails where a position is missing. */
async function readOut(cluster: string, group: string, topics: readonly string[]): Promise<string[]> {
  const { clusters } = (await lab.json('status')) as unknown as { clusters: { alias: string; bootstrap: string }[] };
  const bootstrap = clusters.find(({ alias }) => alias === cluster)?.bootstrap ?? '';
  const reader = spawn('kcat', ['-b', bootstrap, '-q', '-e', '-X', 'auto.offset.reset=error', '-G', group, ...topics]);
  let text = '';
  reader.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  expect(await new Promise((resolve) => reader.once('close', resolve))).toBe(0);
  return text.split('\n').slice(0, -1);
}

/** A group with commits in the middle of a topic, or at its end. Gives what it has read. */
async function readSome(group: string, topic: string, messages: number): Promise<readonly string[]> {
  const read = await lab.json('consume', '--topic', topic, '--group', group, '--messages', String(messages));
  return (read['records'] as unknown as readonly { readonly value: string }[]).map(({ value }) => value);
}

/** What a wave found of its only group: committed on the source as many records as it had read, all proved. */
function expectExact(document: unknown, read: number): void {
  const { groups } = document as { groups: OffsetsDocument['groups'] };
  const rows = groups.flatMap(({ partitions }) => partitions);
  const committed = rows.reduce((sum, row) => sum + Number(row.committed), 0);
  const found = rows.map(({ topic, partition, committed, exact, best, proof }) => {
    return `${topic}-${String(partition)}: ${String(committed)}, exact ${String(exact)}, best ${String(best)} by ${String(proof)}`;
  });
  expect(committed, found.join('; ')).toBe(read);
  expect(
    rows.every(({ exact, best }) => exact !== null && exact === best),
    found.join('; '),
  ).toBe(true);
}

test('waves move topics with their groups while the rest stays writable, and return; a group is not split', async () => {
  const sent = { a: [...(await writeOwn('w-a', 40))], b: [...(await writeOwn('w-b', 40))] };
  const before = [...(await readSome('w-ga', 'w-a', 15)), ...(await readSome('w-gb', 'w-b', 15))];
  for (const topic of ['w-x', 'w-y']) {
    await writeOwn(topic, 3);
    await readSome('w-split', topic, 3);
  }
  const split = await lab.kmk(['switchover', '--topic', 'w-x', '--yes']);
  expect([split.exitCode, split.stderr]).toEqual([7, expect.stringContaining('group "w-split" also reads "w-y"')]);

  const busy = lab.start(
    ['produce', '--topic', TOPIC, '--rate', '50/s', '--duration', '20s', '--cluster', 'primary', '-o', 'json'], //
  );
  const first = await lab.json('switchover', '--topic', 'w-a', '--yes');
  expect(first).toMatchObject({ verdict: 'pass', stranded: 0, loss: { records: 0 }, topics: ['w-a'] });
  expect(await lab.json('status')).toMatchObject({
    ...{ active: 'primary', state: 'running', moved: [{ topic: 'w-a', from: 'primary', to: 'dr' }] },
  });
  sent.a.push(...(await writeOwn('w-a', 10)));
  const old = await lab.kmk(['produce', '--topic', 'w-a', '--messages', '1', '--cluster', 'primary']);
  expect([old.exitCode, old.stderr]).toEqual([7, expect.stringContaining('refuses writes to topic "w-a"')]);

  // Killed behind its promotion, it goes on.
  const run = lab.start(['switchover', '--group', 'w-gb', '--yes']);
  if (!(await untilPhase(lab, run, 'rest'))) throw new Error(run.progress());
  run.child.kill('SIGKILL');
  await run.ended;
  const second = await lab.json('resume', '--yes');
  expect(second).toMatchObject({ kind: 'switchover', verdict: 'pass', topics: ['w-b'] });
  sent.b.push(...(await writeOwn('w-b', 10)));
  const { exitCode, stdout } = await busy.ended;
  const meanwhile = JSON.parse(stdout) as { acknowledged: number; failed: number };
  expect([exitCode, meanwhile.failed]).toEqual([0, 0]);
  written += meanwhile.acknowledged;

  // Each group has read 15 records before; the rest comes once, on the other side.
  for (const document of [first, second]) expectExact(document, 15);
  const a = await readOut('dr', 'w-ga', ['primary.w-a', 'w-a']);
  const b = await readOut('dr', 'w-gb', ['primary.w-b', 'w-b']);
  const unread = [...sent.a, ...sent.b].filter((value) => !before.includes(value));
  expect([...a, ...b].toSorted()).toEqual(unread.toSorted());

  const topics = ['w-a', 'w-b'];
  expect(await lab.json('failback', '--yes')).toMatchObject({ verdict: 'pass', duplicates: 0, stranded: 0, topics });
  const { moved, active } = await lab.json('status');
  expect([moved, active]).toEqual([undefined, 'primary']);
  const later = await writeOwn('w-a', 2);
  expect((await readOut('primary', 'w-ga', ['w-a', 'dr.w-a'])).toSorted()).toEqual(later.toSorted());
  expect(await lab.json('consume', '--topic', 'primary.w-a', '--cluster', 'dr', '--messages', '42')).toMatchObject({
    count: 42,
  });
  // In force for the next case, which moves the rest.
  expect(await lab.json('switchover', '--topic', 'w-a', '--yes')).toMatchObject({ verdict: 'pass' });
  await writeOwn('w-a', 5);
});

test('once it is gone the switchover passes: nothing lost, groups at the very record, the way back is copied', async () => {
  await told();
  await lab.ok('switchover', '--plan-out', 'made-before.json');
  const document = await lab.json('switchover', '--yes');
  expect(document).toMatchObject({
    ...{ schema: 'kmk.failover/v1', kind: 'switchover', from: 'primary', to: 'dr', verdict: 'pass', stranded: 0 },
    loss: { records: 0 },
  });
  expect(await told()).toEqual(['before fence switchover dr true', 'after promote switchover dr true']);
  const groups = document['groups'] as unknown as { group: string; partitions: { verdict: string }[] }[];
  // What has moved before is not moved again; "w-gb" came back to "primary".
  expect(groups.map(({ group }) => group)).toEqual(['g', 'w-gb', 'w-split']);
  expect(new Set(groups.flatMap(({ partitions }) => partitions.map(({ verdict }) => verdict)))).toEqual(
    new Set(['exact']),
  );
  const rest = await lab.json('consume', '--topic', COPY, '--group', 'g');
  expect(rest['count']).toBe(written - 100);
  const { cluster } = await lab.json('produce', '--topic', TOPIC, '--messages', '40');
  expect(cluster).toBe('dr');
  const again = await lab.kmk(['switchover', '--yes']);
  expect([again.exitCode, again.stderr]).toEqual([7, expect.stringContaining('Run `kmk failback`')]);
  expect(await lab.json('failback', '--yes')).toMatchObject({ verdict: 'pass', duplicates: 0, stranded: 0 });
  const back = await lab.json('consume', '--topic', `dr.${TOPIC}`, '--cluster', 'primary');
  expect(back['count']).toBe(40);
  // 10 records of the first wave, 5 of the second: each once, and none is read twice.
  expect(await lab.json('consume', '--topic', 'dr.w-a', '--cluster', 'primary')).toMatchObject({ count: 15 });
  expect(await readOut('primary', 'w-ga', ['w-a', 'dr.w-a'])).toHaveLength(5);
});

test('a plan that was overtaken changes nothing', async () => {
  await told();
  const before = await lab.read('lab/lab.json');
  const { exitCode, stderr } = await lab.kmk(['switchover', '--plan', 'made-before.json', '--yes']);
  expect(stderr).toMatch(/error: the plan \w+ no longer holds: the epoch was \d+, is \d+/);
  expect(stderr).toContain('kmk switchover --plan-out');
  expect(exitCode).toBe(7);
  expect([await told(), await lab.read('lab/lab.json')]).toEqual([[], before]);
  await produce(1);
});

test('a second operator is refused by name; a run whose owner is dead goes on elsewhere; old knowledge changes nothing', async () => {
  const other = join(lab.dir, 'other');
  for (const path of ['lab.json', 'secrets']) {
    await cp(join(lab.stateDir, 'lab', path), join(other, 'lab', path), { recursive: true });
  }
  const elsewhere = (...args: readonly string[]): Promise<KmkRun> => lab.kmk([...args, '--state-dir', other, '--yes']);
  const run = lab.start(['switchover', '--yes']);
  if (!(await untilPhase(lab, run, 'prepare'))) throw new Error(run.progress());
  const second = await elsewhere('failover', '--force');
  expect([second.exitCode, second.stderr]).toEqual([
    7,
    expect.stringMatching(new RegExp(`\`kmk switchover\` \\(pid ${run.child.pid} on .*\\) works on these clusters`)),
  ]);
  run.child.kill('SIGKILL');
  await run.ended;
  for (const args of [['resume'], ['topic', 'create', 'elsewhere']]) {
    const { exitCode, stderr } = await elsewhere(...args);
    expect([exitCode, stderr]).toEqual([7, expect.stringContaining('kmk resume --break-lock')]);
  }

  // As another machine with this state directory would find it: without the run.
  await rename(join(lab.stateDir, 'runs'), join(lab.dir, 'runs-before'));
  expect(await lab.json('resume', '--yes')).toMatchObject({ kind: 'switchover', verdict: 'pass', to: 'dr' });
  expect(await lab.json('status')).toMatchObject({ active: 'dr' });

  const stale = await elsewhere('produce', '--topic', TOPIC, '--messages', '1');
  expect([stale.exitCode, stale.stderr]).toEqual([7, expect.stringContaining('"dr" is active in epoch')]);
  const learnt = await elsewhere('resume');
  expect([learnt.exitCode, learnt.stderr]).toEqual([7, expect.stringContaining('was overtaken: its epoch is')]);
  const { exitCode, stdout } = await elsewhere('produce', '--topic', TOPIC, '--messages', '1', '-o', 'json');
  expect([exitCode, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ cluster: 'dr', acknowledged: 1 })]);
}, 120_000);

test('a run whose machine is gone goes on once its lease has run out and is broken', async () => {
  const struck = { moment: 'done', blow: 'SIGKILL' } as const;
  const there = { host: 'the-other-site' };
  const left = await kmkStruck(lab, ['failback', '--yes'], { step: 'compare', ...struck }, there);
  expect(left.killedBy, left.stderr).toBe('SIGKILL');
  const held = await lab.kmk(['resume', '--yes']);
  expect([held.exitCode, held.stderr]).toEqual([
    7,
    expect.stringMatching(/`kmk failback` \(pid \d+ on the-other-site, .*\) works on these clusters/),
  ]);
  // A third one looks, and is refused: it has a copy of the run as far as it is now.
  const elsewhere = (...args: readonly string[]): Promise<KmkRun> =>
    lab.kmk([...args, '--state-dir', join(lab.dir, 'other'), '--yes', '-o', 'json']);
  const looked = await elsewhere('resume');
  expect([looked.exitCode, looked.stdout]).toEqual([7, expect.stringContaining('works on these clusters')]);
  // Nobody can tell whether that machine is dead, only that its lease has run out.
  const later = { laterMs: LEASE_MS + 1000 };
  const silent = await kmkElsewhere(lab, ['resume', '--yes'], later);
  expect([silent.exitCode, silent.stderr]).toEqual([7, expect.stringContaining('kmk resume --break-lock')]);
  const broken = ['resume', '--break-lock', '--yes'];
  const closing = { step: 'plan', moment: 'closing', blow: 'SIGKILL' } as const;
  expect(await kmkStruck(lab, broken, closing, later)).toMatchObject({ killedBy: 'SIGKILL' });

  // The third one learns from the clusters' copy how far the run has gone on since, and ends it.
  const refused = await elsewhere('resume');
  expect([refused.exitCode, refused.stdout]).toEqual([7, expect.stringContaining('kmk resume --break-lock')]);
  const ended = await elsewhere('resume', '--break-lock');
  expect(JSON.parse(ended.stdout)).toMatchObject({ kind: 'failback', verdict: 'pass', duplicates: 0 });
  const again = await elsewhere('resume');
  expect([again.exitCode, again.stdout]).toEqual([7, expect.stringContaining('nothing to go on with')]);
  // What began it finds everything done.
  expect(await lab.json('resume', '--yes')).toMatchObject({ kind: 'failback', verdict: 'pass', duplicates: 0 });
  expect(await lab.json('status')).toMatchObject({ active: 'primary', state: 'running' });
  await produce(5);
}, 120_000);

test('who wakes up after another kmk has taken its run over touches nothing, and begins nothing that cannot be undone', async () => {
  const run = lab.start(['switchover', '--yes']);
  if (!(await untilPhase(lab, run, 'prepare'))) throw new Error(run.progress());
  run.child.kill('SIGSTOP');
  const { exitCode, stderr } = await withBrokenLease(lab, 'dr', () => {
    run.child.kill('SIGCONT');
    return run.ended;
  });
  expect([exitCode, stderr]).toEqual([7, expect.stringContaining('has taken the lease of this run')]);
  expect(stderr).not.toContain('Taken back');
  // The fence may be the one that the other works behind.
  const fenced = await lab.kmk(['produce', '--topic', TOPIC, '--messages', '1']);
  expect([fenced.exitCode, fenced.stderr]).toEqual([7, expect.stringContaining('refuses writes')]);
  expect(await lab.json('resume', '--rollback', '--yes')).toMatchObject({ kind: 'switchover', active: 'primary' });
  await produce(1);
}, 120_000);

test('Ctrl-C in the middle of a wave takes it back: the rest copies again, and the next attempt moves it', async () => {
  await writeOwn('w-i', 20);
  const before = await readSome('w-gi', 'w-i', 5);
  const struck = { step: 'offsets', moment: 'started', blow: 'SIGINT' } as const;
  const { exitCode, stderr } = await kmkStruck(lab, ['switchover', '--topic', 'w-i', '--yes'], struck);
  expect([exitCode, stderr]).toEqual([
    130,
    expect.stringMatching(/Taken back \(.+\): clients write on "primary" as before/),
  ]);
  const status = await lab.json('status');
  expect([status['moved'], status['active']]).toEqual([undefined, 'primary']);
  expect(status).toMatchObject({ state: 'running', flows: [{ state: 'running' }] });
  expect(await topicsOf('dr')).not.toContain('w-i');
  await writeOwn('w-i', 5);
  await produce(5);
  for (const [copy, count] of [
    ['primary.w-i', 25],
    [COPY, written],
  ] as const) {
    const copied = await lab.json('consume', '--topic', copy, '--cluster', 'dr', '--messages', String(count));
    expect(copied['count']).toBe(count);
  }
  const moved = await lab.json('switchover', '--topic', 'w-i', '--yes');
  expect(moved).toMatchObject({ verdict: 'pass', stranded: 0, loss: { records: 0 }, topics: ['w-i'] });
  const read = await readOut('dr', 'w-gi', ['primary.w-i', 'w-i']);
  expect([read.length, read.filter((value) => before.includes(value))]).toEqual([20, []]);
  expect(await lab.json('failback', '--yes')).toMatchObject({ verdict: 'pass', duplicates: 0, topics: ['w-i'] });
}, 120_000);
