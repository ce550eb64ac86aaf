import type { FaultScope } from '../../domain/fault.ts';
import type {
  Scenario,
  ScenarioStep,
  StepActions,
  StepKind,
  WorkloadGroup,
  WorkloadTopic,
} from '../../domain/scenario.ts';
import type { Setup } from '../../domain/setup.ts';
import { parseDuration } from '../../util/duration.ts';
import type { ScenarioFile, StepFile } from './schema.ts';
import { ACTIONS } from './schema.ts';

export const STEP_KINDS = Object.keys(ACTIONS) as StepKind[];

/** Long enough for a loaded machine, short enough for CI. */
const WAIT_MS = 60_000;

/** The actions that a step names; a right one has exactly one. */
export function actionsOf(step: Readonly<Record<string, unknown>>): readonly StepKind[] {
  return STEP_KINDS.filter((kind) => step[kind] !== undefined);
}

/** Fills in every default. Total for whatever the schema and the rules accept. */
export function normaliseScenario(file: ScenarioFile, topology: Setup | null): Scenario {
  const topics = (file.workload?.topics ?? []).map((topic): WorkloadTopic => ({
    name: topic.name,
    partitions: topic.partitions ?? 3,
    rate: topic.rate ?? 200,
    size: topic.size ?? 256,
    writtenOn: topic.writtenOn ?? ['active'],
  }));
  const groups = (file.workload?.groups ?? []).map((group): WorkloadGroup => ({
    name: group.name,
    topics: group.topics ?? topics.map(({ name }) => name),
    readsOn: group.readsOn ?? 'active',
    commitIntervalMs: ms(group.commit, 1000),
  }));
  const { objectives } = file;
  return {
    name: file.name,
    summary: file.summary,
    objectives: {
      lossRecords: objectives?.loss?.records ?? null,
      recoveryMs: objectives?.recovery === undefined ? null : ms(objectives.recovery, 0),
      redelivered: objectives?.redelivered ?? null,
    },
    topology,
    workload: { topics, groups },
    steps: withIds(file.steps),
  };
}

function withIds(steps: readonly StepFile[]): readonly ScenarioStep[] {
  const used = new Set(steps.flatMap(({ id }) => (id === undefined ? [] : [id])));
  return steps.map((step) => {
    const kind = actionsOf(step)[0] ?? 'check';
    const id = step.id ?? freeId(kind, used);
    used.add(id);
    return stepOf(id, kind, step);
  });
}

function freeId(kind: string, used: ReadonlySet<string>): string {
  for (let n = 1; ; n += 1) {
    const id = n === 1 ? kind : `${kind}-${n}`;
    if (!used.has(id)) return id;
  }
}

function stepOf(id: string, kind: StepKind, step: StepFile): ScenarioStep {
  switch (kind) {
    case 'steady': {
      const { duration, records, jitter } = step.steady ?? {};
      const durationMs = duration === undefined ? null : ms(duration, 0);
      return { id, kind, durationMs, records: records ?? null, jitterMs: ms(jitter, 0) };
    }
    case 'drain':
      return { id, kind, timeoutMs: ms(step.drain?.timeout, WAIT_MS) };
    case 'disaster':
      return { id, kind, cluster: step.disaster?.cluster ?? 'active', how: step.disaster?.how ?? 'kill' };
    case 'fault': {
      return { id, kind, ...faultOf(step.fault ?? { kind: 'kill' }) };
    }
    case 'heal':
      return { id, kind };
    case 'failover':
      return { id, kind, force: step.failover?.force ?? false };
    case 'switchover':
    case 'failback':
      return { id, kind };
    case 'wait': {
      const { for: what = 'lag', max = 0, timeout } = step.wait ?? {};
      return { id, kind, for: what, max, timeoutMs: ms(timeout, WAIT_MS) };
    }
    case 'prompt':
      return { id, kind, text: step.prompt?.text ?? '', lines: step.prompt?.lines ?? [] };
    case 'produce':
    case 'consume':
      return clientStep(id, kind, step);
    case 'check':
      return { id, kind, checks: step.check ?? [] };
  }
}

function faultOf(file: NonNullable<StepFile['fault']>): StepActions['fault'] {
  const { cluster = 'active', kind, scope = 'site', direction, delay, percent = 1 } = file;
  return {
    cluster,
    fault: kind,
    scope: scope as FaultScope,
    ...(direction === undefined ? {} : { direction }),
    ...(kind === 'latency' ? { delayMs: ms(delay, 100) } : {}),
    ...(kind === 'loss' ? { lossPercent: percent } : {}),
  };
}

function clientStep(id: string, kind: 'produce' | 'consume', step: StepFile): ScenarioStep {
  const { topic = '', cluster = 'active', messages = 10 } = step[kind] ?? {};
  if (kind === 'produce') {
    return { id, kind, topic, cluster, messages, expect: step.produce?.expect ?? 'acknowledged' };
  }
  return { id, kind, topic, cluster, messages, timeoutMs: ms(step.consume?.timeout, 30_000) };
}

function ms(text: string | undefined, fallback: number): number {
  return text === undefined ? fallback : (parseDuration(text) ?? fallback);
}
