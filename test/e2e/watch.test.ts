import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OffsetsDocument, PartitionOffsets, StatusDocument } from '../../src/domain/documents.ts';
import type { WatchDocument } from '../../src/domain/watch/document.ts';
import type { SampledSyncs } from '../../src/domain/watch/sampled-syncs.ts';
import type { Samples } from '../../src/domain/watch/samples.ts';
import { createKafkaAdmin } from '../../src/kafka/kafka-admin.ts';
import { createRecordProducer } from '../../src/kafka/record-producer.ts';
import { untilTrue } from '../helpers/journal-watch.ts';
import type { KmkProcess } from '../helpers/kmk-lab.ts';
import { KmkLab } from '../helpers/kmk-lab.ts';

const CHECKS = 3;
const SAMPLES = 'lab/offsets/samples-primary-to-dr.json';
const SAMPLED_SYNCS = 'lab/offsets/syncs-primary-to-dr.json';
/** How long a watch that looks every second may take to see a new group and the first syncs of its topic. */
const SEEN_WITHIN_MS = 30_000;
let lab: KmkLab;

beforeAll(async () => {
  // As MM2 does it by itself: the syncs die with the primary, and checkpoints are a minute old. Only the watch knows.
  const config = [
    'offset-syncs.topic.location: source',
    'emit.checkpoints.interval.seconds: 60',
    'sync.group.offsets.interval.seconds: 60',
  ];
  const flow = `{ source: primary, target: dr, config: { ${config.join(', ')} } }`;
  lab = await KmkLab.create({ yaml: `replication: { flows: [${flow}] }\n` });
  await lab.ok('deploy');
  await lab.ok('produce', '--topic', 'orders', '--messages', '30');
  await lab.ok('consume', '--topic', 'orders', '--group', 'billing', '--messages', '10');
  await lab.ok('topic', 'create', LEDGER, '--partitions', String(PARTITIONS));
});
afterAll(() => lab[Symbol.asyncDispose]());

const documents = (watch: KmkProcess): readonly WatchDocument[] =>
  watch
    .output()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as WatchDocument);

/** The first document from `from` on that the condition holds for; the documents up to it. */
async function until(
  watch: KmkProcess,
  from: number,
  condition: (document: WatchDocument) => boolean,
): Promise<readonly WatchDocument[]> {
  const there = await untilTrue(watch, () => documents(watch).slice(from).some(condition));
  expect(there, `${watch.progress()}${watch.output().slice(-2000)}`).toBe(true);
  const all = documents(watch);
  return all.slice(from, all.findIndex((document, index) => index >= from && condition(document)) + 1);
}

const LEDGER = 'ledger';
const READERS = 'readers';
const PARTITIONS = 2;

async function bootstrapOf(alias: string): Promise<string> {
  const { clusters } = (await lab.json('status')) as unknown as StatusDocument;
  return clusters.find((cluster) => cluster.alias === alias)?.bootstrap ?? '';
}

/** A watch has seen commits of the group, and syncs, of every partition. */
async function isSampled(): Promise<boolean> {
  const partsOf = async (file: string, at: (found: unknown) => object | undefined): Promise<number> => {
    const text = await lab.read(file).catch(() => '{}');
    return Object.keys(at(JSON.parse(text)) ?? {}).filter((key) => key.startsWith(LEDGER)).length;
  };
  const commits = await partsOf(SAMPLES, (found) => (found as Partial<Samples>).groups?.[READERS]?.offsets);
  const syncs = await partsOf(SAMPLED_SYNCS, (found) => (found as Partial<SampledSyncs>).partitions);
  return commits === PARTITIONS && syncs === PARTITIONS;
}

/**
 * Writes records that tell their own offsets and commits what a group has processed of them, three records behind, all
 * the time, until a watch has seen some of it; then kills the broker in the middle of it. What the group had committed by
 * then, by partition.
 */
async function killAtWork(broker: number): Promise<readonly bigint[]> {
  const bootstrap = await bootstrapOf('primary');
  await using producer = createRecordProducer({ bootstrap, clientId: 'test' });
  await using admin = createKafkaAdmin({ bootstrap, clientId: 'test' });
  const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  let committed: readonly bigint[] = [];
  const deadline = performance.now() + SEEN_WITHIN_MS;
  for (let written = 0; written < 1500 || !(await isSampled()); written += 5) {
    if (performance.now() > deadline) throw new Error(`no watch saw ${READERS} within ${SEEN_WITHIN_MS} ms`);
    const values = Array.from({ length: 5 }, (_, index) => String(written + index));
    await producer.send(
      LEDGER,
      all.flatMap((partition) => values.map((value) => ({ key: null, value, partition }))),
    );
    const offsets = all.map((partition) => ({ topic: LEDGER, partition, offset: BigInt(written + 2) }));
    await admin.commitOffsets(READERS, offsets);
    committed = offsets.map(({ offset }) => offset);
  }
  process.kill(broker, 'SIGKILL');
  return committed;
}

/** The exact positions of commits, from the copies themselves: no copied record at or after the commit is passed. */
async function exactPositions(committed: readonly bigint[]): Promise<readonly bigint[]> {
  await using admin = createKafkaAdmin({ bootstrap: await bootstrapOf('dr'), clientId: 'test' });
  const topic = `primary.${LEDGER}`;
  const text = new TextDecoder();
  return await Promise.all(
    committed.map(async (commit, partition) => {
      const lastCopies = new Map<string, bigint>();
      const { next } = await admin.readPartition({ topic, partition }, ({ value, offset }) => {
        if (value !== null) lastCopies.set(text.decode(value), offset);
      });
      const unread = [...lastCopies].filter(([number]) => BigInt(number) >= commit).map(([, offset]) => offset);
      return unread.reduce((least, offset) => (offset < least ? offset : least), next);
    }),
  );
}

async function positionsOfReaders(): Promise<readonly PartitionOffsets[]> {
  const shown = (await lab.json('offsets', 'show', '--group', READERS)) as unknown as OffsetsDocument;
  return shown.groups[0]?.partitions ?? [];
}

async function served(watch: KmkProcess): Promise<string> {
  await untilTrue(watch, () => watch.progress().includes('serving http'));
  return /serving (http:\/\/[\d.:]+)\//.exec(watch.progress())?.[1] ?? '';
}

async function ask(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
}

test('a watch with a witness: seen from outside, no failover from a source that comes back, one from a dead one', async () => {
  const witness = lab.start(['watch', '--listen', '0', '-o', 'jsonl']);
  const witnessUrl = await served(witness);
  const armed = ['watch', '--auto-failover', '--yes', '--checks', String(CHECKS), '--witness', witnessUrl];
  const watch = lab.start([...armed, '--listen', '0', '-o', 'jsonl']);
  const url = await served(watch);
  const ready = ({ state, flow, samples }: WatchDocument): boolean =>
    state === 'healthy' && flow.heartbeatAgeMs !== null && samples !== null;
  await until(watch, 0, ready);
  await until(witness, 0, ({ state }) => state === 'healthy');

  await expect(ask(`${url}/health/live`)).resolves.toEqual({ status: 200, text: 'ok\n' });
  await expect(ask(`${url}/health/ready`)).resolves.toEqual({ status: 200, text: 'ok\n' });
  const metrics = await ask(`${url}/metrics`);
  expect(metrics.text).toContain('kmk_cluster_up{cluster="primary"} 1');
  expect(metrics.text).toMatch(/^kmk_samples_positions\{source="primary",target="dr"\} \d+$/m);
  expect(metrics.text).toMatch(/^kmk_flow_heartbeat_age_seconds\{source="primary",target="dr"\} [\d.]+$/m);
  expect(JSON.parse((await ask(`${witnessUrl}/status`)).text)).toMatchObject({
    ...{ schema: 'kmk.watch/v1', active: 'primary', armed: false, state: 'healthy' },
  });

  // Frozen until a check fails, then back: suspicion ends, and more is asked for the next time.
  const broker = await lab.pidOf('primary-broker-1');
  const frozenAt = documents(watch).length;
  process.kill(broker, 'SIGSTOP');
  const suspected = await until(watch, frozenAt, ({ failedChecks }) => failedChecks === 1);
  process.kill(broker, 'SIGCONT');
  const recovered = await until(watch, frozenAt + suspected.length, ({ failedChecks }) => failedChecks === 0);
  expect([...suspected, ...recovered].map(({ active }) => active)).not.toContain('dr');
  await until(witness, documents(witness).length, ({ failedChecks }) => failedChecks === 0);

  const killedFrom = documents(watch).length;
  const committed = await killAtWork(broker);
  const over = await until(watch, killedFrom, ({ state }) => state === 'failed-over');
  const dead = over.find(({ state }) => state === 'dead');
  expect(dead).toMatchObject({ active: 'primary', neededChecks: 2 * CHECKS, witnesses: [{ view: 'down' }] });
  expect(over.at(-1)).toMatchObject({ active: 'dr', epoch: 2, failover: { refused: null } });
  const runId = over.at(-1)?.failover.runId ?? '';
  expect(JSON.parse(await lab.read(`runs/${runId}/result.json`))).toMatchObject({
    ...{ schema: 'kmk.failover/v1', kind: 'failover', simulated: false, from: 'primary', to: 'dr', verdict: 'pass' },
  });
  await expect(ask(`${url}/health/ready`)).resolves.toMatchObject({
    status: 503,
    text: expect.stringContaining('"dr"') as string,
  });
  expect((await lab.json('produce', '--topic', 'orders', '--messages', '3'))['cluster']).toBe('dr');

  // What the watch had seen on the primary counts, and never too much of it.
  const exact = await exactPositions(committed);
  const seen = await positionsOfReaders();
  await rename(join(lab.stateDir, SAMPLES), join(lab.stateDir, `${SAMPLES}.away`));
  const unseen = await positionsOfReaders();
  expect(seen).toHaveLength(PARTITIONS);
  for (const [index, at] of seen.entries()) {
    const [best, without] = [BigInt(at.best ?? -1), BigInt(unseen[index]?.best ?? -1)];
    expect(at).toMatchObject({ targetCommitted: at.best, seenAt: expect.any(String) as string });
    expect(best).toBeGreaterThanOrEqual(without);
    expect(best).toBeLessThanOrEqual(exact[index] ?? 0n);
    expect(unseen[index]?.seenAt).toBeUndefined();
  }

  for (const process_ of [watch, witness]) {
    process_.child.kill('SIGINT');
    expect((await process_.ended).exitCode).toBe(130);
  }
});
