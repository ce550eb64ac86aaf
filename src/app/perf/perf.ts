import { KmkError } from '../../domain/errors.ts';
import { topicFilter } from '../../domain/flow-filter.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import { flowsOf } from '../flows/find-flow.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { step } from '../step.ts';
import { done, pending, waitUntil } from '../wait-until.ts';
import type { LagSample } from './lag-curve.ts';
import { drainRate, LagCurve } from './lag-curve.ts';
import type { ToolRates } from './producer-performance.ts';
import { runProducerPerformance } from './producer-performance.ts';

export const PERF_TOPIC = 'kmk-perf';
const PARTITIONS = 3;
const RETENTION_MS = 3_600_000;

export interface PerfRequest {
  readonly records: number;
  /** Bytes. */
  readonly size: number;
  /** How long MM2 may take to copy it all. */
  readonly drainMs: number;
}

export interface PerfDocument {
  readonly schema: 'kmk.perf/v1';
  readonly cluster: string;
  readonly topic: string;
  readonly records: number;
  readonly size: number;
  readonly produce: ToolRates;
  /** null where no flow copies the topic away. */
  readonly replication: {
    readonly flow: string;
    /** Records per second on the target, from the first to the last that crossed. */
    readonly recordsPerSecond: number | null;
    readonly peakLagRecords: number;
    /** False when time was up before everything had crossed. */
    readonly drained: boolean;
    /** From the start of the producer until everything had crossed. */
    readonly durationMs: number;
    readonly lag: readonly { readonly atMs: number; readonly lagRecords: number }[];
  } | null;
}

/** Measures the active cluster with Kafka's own producer, and how the flow away from it keeps up. */
export async function perf(lab: Lab, request: PerfRequest, signal: AbortSignal): Promise<PerfDocument> {
  const { active } = lab.record;
  const { records, size } = request;
  const cluster = clusterLayout(lab.layout, active);
  const flow = flowsOf(lab).find(
    (candidate) => candidate.source === active && topicFilter(candidate, lab.layout.policy)(PERF_TOPIC),
  );
  await step(lab.tools, 'topic', 'perf', `preparing topic "${PERF_TOPIC}"`, () => prepare(lab, flow, request, signal));
  const curve = flow === undefined ? null : await LagCurve.begin(lab, flow, PERF_TOPIC, signal);
  const over = new AbortController();
  const sampling = curve?.sample(({ copied }) => copied >= records, AbortSignal.any([signal, over.signal]));
  // Without a handler a failure would end the process while the producer still runs.
  sampling?.catch(() => undefined);
  let produced: ToolRates;
  try {
    const tool = { bootstrap: cluster.nearBootstrap, topic: PERF_TOPIC, records, size };
    produced = await step(lab.tools, 'produce', 'perf', `producing ${records} records of ${size} bytes`, () =>
      runProducerPerformance(lab, tool, signal),
    );
    await step(lab.tools, 'drain', 'perf', 'waiting for MM2 to copy them', async () => {
      const timer = new AbortController();
      const limit = lab.tools.clock.sleep(request.drainMs, timer.signal).catch(() => undefined);
      await Promise.race([sampling, limit]);
      timer.abort();
    });
  } finally {
    over.abort();
  }
  await sampling;
  signal.throwIfAborted();
  return {
    schema: 'kmk.perf/v1',
    cluster: active,
    topic: PERF_TOPIC,
    records,
    size,
    produce: produced,
    replication: flow === undefined || curve === null ? null : replicationOf(flow, curve.samples, records),
  };
}

/** The topic on both sides, and nothing of an earlier measurement still under way. */
async function prepare(lab: Lab, flow: Flow | undefined, request: PerfRequest, signal: AbortSignal): Promise<void> {
  const { active } = lab.record;
  const source = await adminOf(lab, active);
  const { replicationFactor } = clusterLayout(lab.layout, active);
  const config = { 'retention.ms': String(RETENTION_MS) };
  await source.createTopic({ topic: PERF_TOPIC, partitions: PARTITIONS, replicationFactor, config }, signal);
  if (flow === undefined) {
    lab.tools.events.emit('warning', {
      text: `no flow copies "${PERF_TOPIC}" from "${active}": only producing is measured`,
    });
    return;
  }
  const target = await adminOf(lab, flow.target);
  const remote = lab.layout.policy.remoteTopic(flow.source, PERF_TOPIC);
  let before = -1n;
  await waitUntil(
    lab.tools.clock,
    {
      what: `"${remote}" to be there and quiet on "${flow.target}"`,
      timeoutMs: request.drainMs,
      intervalMs: 300,
      probe: async () => {
        const ranges = await target.logRanges([remote], signal);
        const end = ranges.reduce((sum, range) => sum + range.end, 0n);
        const quiet = ranges.length > 0 && end === before;
        before = end;
        return quiet ? done(undefined) : pending(ranges.length === 0 ? 'no such topic' : `it ends at ${end}`);
      },
    },
    signal,
  ).catch((error: unknown) => {
    if (!KmkError.is(error) || error.code !== 'KMK_WAIT_TIMEOUT') throw error;
    throw new KmkError('KMK_WAIT_TIMEOUT', error.message, {
      hints: [`Run \`kmk flow describe ${flow.source}:${flow.target}\` to see whether the flow runs.`],
      context: error.context,
    });
  });
}

function replicationOf(flow: Flow, samples: readonly LagSample[], records: number): PerfDocument['replication'] {
  const last = samples.at(-1);
  return {
    flow: flowId(flow),
    recordsPerSecond: drainRate(samples),
    peakLagRecords: Math.max(0, ...samples.map(({ lagRecords }) => lagRecords)),
    drained: (last?.copied ?? 0) >= records,
    durationMs: last?.atMs ?? 0,
    lag: samples.map(({ atMs, lagRecords }) => ({ atMs, lagRecords })),
  };
}
