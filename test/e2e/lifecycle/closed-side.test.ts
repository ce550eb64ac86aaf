import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FailoverDocument, StatusDocument, VerifyDocument } from '../../../src/domain/documents.ts';
import type { PlanDocument } from '../../../src/domain/plan/plan.ts';
import { eventually, kcat } from '../../helpers/kafka-tools.ts';
import { KmkLab } from '../../helpers/kmk-lab.ts';
import { kcatAsSuperUser } from '../../helpers/super-user.ts';

/** Clients that come late, and people whom no fence stops: one lab, there and back. */
const TOPIC = 'orders';
/** Of the standby alone: no flow copies it. */
const LOCAL = 'local-notes';
const COPY = `primary.${TOPIC}`;
let lab: KmkLab;
const bootstrap = new Map<string, string>();

beforeAll(async () => {
  lab = await KmkLab.create({
    yaml: 'replication: { flows: [{ source: primary, target: dr, topicsExclude: ["local-.*"] }] }\n',
  });
  await lab.ok('deploy');
  for (const at of (await status()).clusters) bootstrap.set(at.alias, at.bootstrap);
  await lab.ok('produce', '--topic', TOPIC, '--messages', '20');
  await eventually('the copy', async () => ((await count('dr', COPY)) === 20 ? true : undefined));
});
afterAll(() => lab[Symbol.asyncDispose]());

const status = async (): Promise<StatusDocument> => (await lab.json('status')) as unknown as StatusDocument;

/** A client that kmk did not write; whether the broker took its records. */
async function write(alias: string, topic: string, records: readonly string[]): Promise<boolean> {
  const options = ['-b', bootstrap.get(alias) ?? '', '-P', '-t', topic, '-p', '0', '-X', 'message.timeout.ms=8000'];
  return kcat(options, records.map((record) => `${record}\n`).join('')).then(
    () => true,
    (error: unknown) => {
      expect(String(error)).toMatch(/authoriz/i);
      return false;
    },
  );
}

/** By one whom no fence stops. */
async function sneak(alias: string, topic: string, records: readonly string[]): Promise<void> {
  const login = await kcatAsSuperUser(lab, alias);
  await kcat([...login, '-P', '-t', topic, '-p', '0'], records.map((record) => `${record}\n`).join(''));
}

async function values(alias: string, topic: string): Promise<readonly string[]> {
  const text = await kcat(['-b', bootstrap.get(alias) ?? '', '-C', '-t', topic, '-e', '-q', '-f', '%s\n']);
  return text.split('\n').filter((line) => line !== '');
}

const count = async (alias: string, topic: string): Promise<number> =>
  (await values(alias, topic).catch(() => [])).length;

const checkOf = (document: Pick<FailoverDocument | VerifyDocument, 'checks'>, id: string) =>
  document.checks.find((check) => check.id === id);

test('whoever is not active takes no client writes, from deploy on and after every move', async () => {
  await lab.ok('topic', 'create', LOCAL, '--partitions', '1');
  expect(await write('dr', COPY, ['x'])).toBe(false);
  expect(await write('primary', TOPIC, ['a'])).toBe(true);
  expect((await lab.kmk(['produce', '--topic', 'new', '--cluster', 'dr', '--messages', '1'])).exitCode).toBe(7);

  const told = lab.kmk(['active', '--wait', '--since', '1', '--timeout', '2m', '-o', 'json']);
  await lab.ok('switchover', '--yes');
  expect(JSON.parse((await told).stdout)).toMatchObject({ active: 'dr', epoch: 2, bootstrap: bootstrap.get('dr') });
  expect(await write('primary', TOPIC, ['late'])).toBe(false);
  expect(await write('dr', TOPIC, ['b'])).toBe(true);
  // A record in a copy goes on no flow: it is refused where clients work, too.
  expect(await write('dr', COPY, ['lost'])).toBe(false);

  const back = (await lab.json('failback', '--yes')) as unknown as FailoverDocument;
  expect(back).toMatchObject({ verdict: 'pass', stranded: 0 });
  expect(checkOf(back, 'standby.untouched')).toMatchObject({ verdict: 'pass' });
  expect(back.groups.flatMap(({ partitions }) => partitions.filter(({ verdict }) => verdict === 'ahead'))).toEqual([]);
  expect(await write('dr', TOPIC, ['late'])).toBe(false);
  expect(await write('primary', TOPIC, ['c'])).toBe(true);
  expect((await lab.json('verify'))['verdict']).toBe('pass');
}, 240_000);

test('what is written on a closed side all the same is named, and the next move carries it', async () => {
  await sneak('dr', TOPIC, ['stray-1', 'stray-2', 'stray-3']);
  const seen = (await status()).clusters.find(({ alias }) => alias === 'dr')?.strays;
  expect(seen).toMatchObject({ records: 3, partitions: [{ topic: TOPIC, partition: 0, records: 3 }] });
  expect((await lab.kmk(['status'])).stdout).toContain('3 records were written on "dr" while it was closed');
  const verified = await lab.kmk(['verify', '-o', 'json']);
  expect(verified.exitCode).toBe(6);
  const check = checkOf(JSON.parse(verified.stdout) as VerifyDocument, 'standby.untouched');
  expect(check).toMatchObject({ verdict: 'fail' });
  const plan = (await lab.json('switchover', '--dry-run')) as unknown as PlanDocument;
  expect(plan.warnings.join()).toContain(`3 records were written on "dr" while it was closed: ${TOPIC}-0 (3)`);

  await lab.ok('switchover', '--yes');
  const carried = await eventually('the strays', async () => {
    const found = await values('primary', `dr.${TOPIC}`);
    return found.includes('stray-3') ? found : undefined;
  });
  expect(carried.filter((value) => value.startsWith('stray')).toSorted()).toEqual(['stray-1', 'stray-2', 'stray-3']);
  expect(carried.filter((value) => value === 'b')).toHaveLength(1);
}, 240_000);

test('a failback names what no flow brings back, and does not call it nothing', async () => {
  await sneak('dr', COPY, ['into-a-copy']);
  const admin = await lab.kmk(['topic', 'create', LOCAL, '--partitions', '1']);
  expect(admin.exitCode).toBe(0);
  expect(await write('dr', LOCAL, ['n1', 'n2'])).toBe(true);
  const refused = await lab.kmk(['failback', '--yes']);
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain('1 records written on "dr" are missing on "primary"');
  expect(refused.stderr).toContain('--accept-loss 1');
  // The standby serves on.
  expect(await write('dr', TOPIC, ['d'])).toBe(true);

  const back = (await lab.json('failback', '--accept-loss', '1', '--yes')) as unknown as FailoverDocument;
  expect(checkOf(back, 'reverse.outside')).toMatchObject({ verdict: 'inconclusive' });
  expect(checkOf(back, 'reverse.outside')?.message).toContain(`${LOCAL}-0`);
  expect(await values('primary', `dr.${TOPIC}`)).toContain('d');
  expect(await write('dr', LOCAL, ['late'])).toBe(false);
}, 240_000);
