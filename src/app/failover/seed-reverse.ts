import { KmkError } from '../../domain/errors.ts';
import { connectorName } from '../../domain/lab/connect-config.ts';
import type { Settled, Watermark } from '../../domain/lab/lab-record.ts';
import { isInternalTopic } from '../../domain/replication-policy.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf, connectOf } from '../lab/lab.ts';
import type { ConnectorPosition } from '../ports/connect-api.ts';
import { awaitConfigs, ensureConnectors, stopConnectors } from '../replicate/flow-connectors.ts';
import { createSourceTopics, createTargetTopics } from '../replicate/flow-topics.ts';
import { readPositions } from '../replicate/positions.ts';
import { copiedTopics } from '../replicate/source-topics.ts';

/**
 * Connect lists the positions of the partitions that its reader of the offsets topic has met (Worker.sourceConnectorOffsets,
 * KafkaOffsetBackingStore.connectorPartitions), a moment behind what it has just stored.
 */
const READ_BACK_LIMIT_MS = 15_000;
const POLL_MS = 100;

/**
 * Creates the connectors of the reverse flow STOPPED (KIP-980), replaces the positions of its source connector by the
 * watermark (KIP-875) and reads them back: a partition whose seed is not there stops the failback. MM2 goes on at the
 * stored offset plus one and refuses negatives, so a partition at 0 gets no seed. The checkpoint and heartbeat
 * connectors carry no positions that matter.
 */
export async function seedReverseFlow(
  lab: Lab,
  reverse: Flow,
  watermarks: readonly Watermark[],
  signal: AbortSignal,
): Promise<number> {
  await Promise.all([createSourceTopics(lab, reverse, signal), createTargetTopics(lab, reverse, signal)]);
  await ensureConnectors(lab, reverse, 'STOPPED', signal);
  await stopConnectors(lab, reverse, ['source', 'checkpoint', 'heartbeat'], signal);
  return seed(lab, reverse, watermarks, signal);
}

/**
 * Lets a reverse flow that runs for some topics copy all of its marks' topics: stopped meanwhile, the positions of the
 * new ones are set and read back, those of the running ones stay.
 */
export async function widenReverseFlow(
  lab: Lab,
  all: Flow,
  { marks, running }: { readonly marks: readonly Watermark[]; readonly running: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  await stopConnectors(lab, all, ['source', 'checkpoint'], signal);
  await ensureConnectors(lab, all, 'STOPPED', signal);
  await awaitConfigs(lab, all, signal);
  // Heartbeats go on where they are; the canary comes with the last part.
  const there = await readPositions(lab, all, signal);
  const isNew = (mark: Watermark): boolean =>
    isInternalTopic(mark.topic) ? !there.has(partitionKey(mark)) : !running.includes(mark.topic);
  const added = marks.filter((mark) => isNew(mark) && BigInt(mark.d) > 0n);
  if (added.length > 0) await move(lab, all, added, signal);
  const known = new Map(marks.map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  await refuseUnknownHistory(lab, all, known, signal);
}

/** Whether a return changes where the forward flow goes on. */
export function seedsForward(lab: Lab): boolean {
  return lab.layout.policy.name === 'identity' || pastTail(lab).length > 0;
}

/**
 * Puts the stopped forward flow where it is to go on, while no client may write on either side. Identity policy: at its
 * source's log ends, what is there came from its own target and must not go back. Default policy: past the tail that was
 * exported or given up, else it would arrive late; other partitions keep their positions. Read back. Gives where copying
 * begins anew.
 */
export async function seedForward(lab: Lab, forward: Flow, signal: AbortSignal): Promise<readonly Settled[]> {
  const { policy } = lab.layout;
  const marks = policy.name === 'identity' ? await logEnds(lab, forward, signal) : pastTail(lab);
  if (marks.length === 0) return [];
  await (policy.name === 'identity' ? seed(lab, forward, marks, signal) : move(lab, forward, marks, signal));
  return beginsAt(lab, forward, marks, signal);
}

/**
 * The same for a flow that runs without these topics, and stays stopped until it copies them again (identity policy;
 * under the default one nothing came into them). The positions of the rest stay.
 */
export async function seedForwardPart(
  lab: Lab,
  { standing, part }: { readonly standing: Flow; readonly part: Flow },
  signal: AbortSignal,
): Promise<readonly Settled[]> {
  if (lab.layout.policy.name !== 'identity') return [];
  await stopConnectors(lab, standing, ['source'], signal);
  const ends = (await logEnds(lab, part, signal)).filter(({ topic }) => !isInternalTopic(topic));
  const marks = ends.filter(({ d }) => BigInt(d) > 0n);
  if (marks.length > 0) await move(lab, standing, marks, signal);
  return beginsAt(lab, part, ends, signal);
}

/** Where copying begins anew from these positions on the flow's source, as pairs with the ends of the copies. */
async function beginsAt(
  lab: Lab,
  forward: Flow,
  marks: readonly Watermark[],
  signal: AbortSignal,
): Promise<readonly Settled[]> {
  const { policy } = lab.layout;
  const [source, target] = await Promise.all([adminOf(lab, forward.source), adminOf(lab, forward.target)]);
  const topics = [...new Set(marks.map(({ topic }) => topic))];
  const copies = topics.map((topic) => policy.remoteTopic(forward.source, topic));
  const [ids, ranges] = await Promise.all([source.topicIds(topics, signal), target.logRanges(copies, signal)]);
  const ends = new Map(ranges.map((range) => [partitionKey(range), range.end]));
  return marks.map(({ topic, partition, d }) => {
    const copy = partitionKey({ topic: policy.remoteTopic(forward.source, topic), partition });
    const topicId = ids.get(topic);
    const begin = { topic, partition, u: d, d: (ends.get(copy) ?? 0n).toString() };
    return topicId === undefined ? begin : { ...begin, topicId };
  });
}

async function logEnds(lab: Lab, forward: Flow, signal: AbortSignal): Promise<readonly Watermark[]> {
  const source = await adminOf(lab, forward.source);
  const topics = await copiedTopics(lab, forward, signal);
  const ranges = await source.logRanges(topics, signal);
  return ranges.map(({ topic, partition, end }) => ({ topic, partition, u: null, d: end.toString() }));
}

function pastTail({ record }: Lab): readonly Watermark[] {
  const parts = record.promotion?.tail?.parts ?? [];
  return parts.map(({ topic, partition, to }) => ({ topic, partition, u: null, d: to }));
}

/** Changes the positions of these partitions only. */
async function move(lab: Lab, flow: Flow, marks: readonly Watermark[], signal: AbortSignal): Promise<void> {
  const rows = marks.map((mark) => rowOf(flow, mark));
  await connectOf(lab, flow.target).setPositions(connectorName(flow, 'source'), rows, signal);
  for (const { topic, partition, d } of marks) {
    lab.tools.events.emit('flow.seeded', { flow: flowId(flow), topic, partition, offset: d });
  }
  const known = new Map(marks.map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  await awaitSeeds(lab, flow, (positions) => mismatch(known, positions, false), signal);
}

async function seed(lab: Lab, flow: Flow, marks: readonly Watermark[], signal: AbortSignal): Promise<number> {
  const connect = connectOf(lab, flow.target);
  const name = connectorName(flow, 'source');
  if ((await connect.positions(name, signal)).length > 0) await connect.resetPositions(name, signal);
  const seeds = marks.filter((mark) => BigInt(mark.d) > 0n);
  if (seeds.length > 0) {
    const rows = seeds.map((mark) => rowOf(flow, mark));
    await connect.setPositions(name, rows, signal);
  }
  for (const { topic, partition, d } of seeds) {
    lab.tools.events.emit('flow.seeded', { flow: flowId(flow), topic, partition, offset: d });
  }
  await verifySeeds(lab, flow, marks, signal);
  return seeds.length;
}

function rowOf(flow: Flow, { topic, partition, d }: Watermark): ConnectorPosition {
  // The member order is part of Connect's key: cluster, partition, topic (mm2-ground-truth 1.4).
  return { partition: { cluster: flow.source, partition, topic }, offset: { offset: Number(BigInt(d) - 1n) } };
}

async function verifySeeds(lab: Lab, flow: Flow, watermarks: readonly Watermark[], signal: AbortSignal): Promise<void> {
  const known = new Map(watermarks.map((mark) => [partitionKey(mark), BigInt(mark.d)]));
  await awaitSeeds(lab, flow, (positions) => mismatch(known, positions, true), signal);
  await refuseUnknownHistory(lab, flow, known, signal);
}

async function awaitSeeds(
  lab: Lab,
  flow: Flow,
  wrongIn: (positions: ReadonlyMap<string, bigint>) => string | null,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = lab.tools;
  const deadline = clock.now() + READ_BACK_LIMIT_MS;
  for (;;) {
    const wrong = wrongIn(await readPositions(lab, flow, signal));
    if (wrong === null) return;
    if (clock.now() >= deadline) throw seedRefused(flow, wrong);
    await clock.sleep(POLL_MS, signal);
  }
}

/** What of the positions is not as it was seeded; null where all is. */
function mismatch(
  known: ReadonlyMap<string, bigint>,
  positions: ReadonlyMap<string, bigint>,
  alone: boolean,
): string | null {
  for (const [key, d] of known) {
    const position = positions.get(key) ?? 0n;
    if (position !== d) return `position ${position} of ${key} is not its watermark ${d}`;
  }
  if (!alone) return null;
  const stray = [...positions.keys()].find((key) => !known.has(key));
  return stray === undefined ? null : `there is a position of ${stray}, which has no watermark`;
}

/** A partition that has lost its beginning cannot have been created after the watermark: it would start at 0. */
async function refuseUnknownHistory(
  lab: Lab,
  flow: Flow,
  known: ReadonlyMap<string, bigint>,
  signal: AbortSignal,
): Promise<void> {
  const source = await adminOf(lab, flow.source);
  const topics = await copiedTopics(lab, flow, signal);
  for (const range of await source.logRanges(topics, signal)) {
    if (!known.has(partitionKey(range)) && range.start > 0n) {
      throw seedRefused(flow, `${partitionKey(range)} starts at ${range.start} and has no watermark`);
    }
  }
}

function seedRefused(flow: Flow, reason: string): KmkError {
  return new KmkError(
    'KMK_SEED_REFUSED',
    `the flow ${flowId(flow)} cannot be started without copying twice: ${reason}`,
    {
      hints: [
        'Nothing was copied. Run `kmk failback` again; if it refuses again, `kmk flow describe` shows the positions.',
      ],
      context: { flow: flowId(flow) },
    },
  );
}
