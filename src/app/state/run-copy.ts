import type { AnyEvent, EventName } from '../../domain/events.ts';
import { EVENT_LEVELS } from '../../domain/events.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import { eventsOfPlan, missingFrom } from '../../domain/plan/copied-events.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import type { StateEntries } from '../../domain/cluster-state.ts';
import { planKey, RECORD_KEY, sharedOf } from '../../domain/cluster-state.ts';
import type { Lab } from '../lab/lab.ts';
import type { EventSink } from '../ports/event-sink.ts';
import type { Toolbox } from '../ports/toolbox.ts';
import type { RunStore } from '../ports/run-store.ts';
import { orderedSends } from './ordered-sends.ts';
import { entry, readState } from './state-topic.ts';

/** What another process needs to know of a run to go on with it. */
const COPIED: ReadonlySet<string> = new Set<EventName>([
  ...(['run.started', 'plan.adopted', 'plan.step', 'plan.closed', 'step.finished', 'check.evaluated'] as const),
]);

const journalKey = (runId: string, n: number): string => `journal/${runId}/${String(n).padStart(6, '0')}`;

/** A copy of a run's plan and journal on a cluster, kept up to date while the run goes on. */
export interface RunCopy {
  /** The lab's ports; what is emitted and what is recorded through them is copied, too. */
  readonly tools: Toolbox;
  /** Resolves when everything emitted so far is on the cluster. Throws what kept it from getting there. */
  readonly flush: () => Promise<void>;
  /** Removes the copy where the plan was closed: nobody has to go on with it. */
  readonly removeClosed: () => Promise<void>;
}

/**
 * Copies the run into the state topic of `home`: events in order and in the background, changes of the lab record before
 * what comes next. What an earlier process copied of the run is gone on with, and completed where it was killed before it
 * had copied all that its journal holds. The caller disposes it.
 */
export async function openRunCopy(
  lab: Lab,
  home: string,
  { plan, runId }: { readonly plan: PlanDocument; readonly runId: string },
  signal: AbortSignal,
): Promise<RunCopy & AsyncDisposable> {
  const { store, events, clock } = lab.tools;
  const state = await readState(lab, home, signal);
  const earlier = [...state.keys()].filter((key) => /^(plan|journal)\//.test(key));
  let seq = earlier
    .filter((key) => key.startsWith(journalKey(runId, 0).slice(0, -6)))
    .reduce((last, key) => Math.max(last, Number(key.slice(-6))), 0);
  let over = false;
  const producer = await lab.tools.producer(clusterLayout(lab.layout, home), { as: 'kmk' });
  const { send, flush, settled } = orderedSends(producer);
  send([entry(planKey(runId), plan)]);
  // Without it nobody could go on, and the lease would count as free.
  await flush().catch(async (error: unknown) => {
    await producer[Symbol.asyncDispose]();
    throw error;
  });
  const copy = (event: Omit<AnyEvent, 'v' | 'seq' | 'runId'>): void => {
    seq += 1;
    send([entry(journalKey(runId, seq), { v: 1, seq, runId, ...event })]);
  };
  const known = copiedRuns(state).find((run) => run.runId === runId)?.events ?? [];
  const local = eventsOfPlan(plan.id, await store.readJournal(runId)).filter(({ event }) => COPIED.has(event));
  for (const { at, level, event, data } of missingFrom(known, local)) copy({ at, level, event, data });
  const emit: EventSink['emit'] = (event, data, level = EVENT_LEVELS[event]) => {
    events.emit(event, data, level);
    over ||= event === 'plan.closed';
    if (!COPIED.has(event)) return;
    copy({ at: new Date(clock.now()).toISOString(), level, event, data });
  };
  const saveLab: RunStore['saveLab'] = async (record) => {
    await store.saveLab(record);
    send([entry(RECORD_KEY, sharedOf(record, clock.now()))]);
    await flush();
  };
  return {
    tools: { ...lab.tools, events: { ...events, emit }, store: { ...store, saveLab } },
    flush,
    removeClosed: async () => {
      if (!over) return;
      const keys = Array.from({ length: seq }, (_, index) => journalKey(runId, index + 1));
      // Earlier runs as well: this one has overtaken them.
      send([...new Set([...earlier, planKey(runId), ...keys])].map((key) => entry(key, null)));
      await flush();
    },
    [Symbol.asyncDispose]: async () => {
      await settled();
      await producer[Symbol.asyncDispose]();
    },
  };
}

/** A run as its copy on a cluster tells it. */
export interface CopiedRun {
  readonly runId: string;
  readonly plan: PlanDocument;
  readonly events: readonly AnyEvent[];
}

/** The runs that were copied and are not over, the oldest first. */
export function copiedRuns(entries: StateEntries): readonly CopiedRun[] {
  const runs = [...entries.keys()].filter((key) => key.startsWith('plan/')).map((key) => key.slice('plan/'.length));
  return runs.toSorted().map((runId) => ({
    runId,
    plan: entries.get(planKey(runId)) as PlanDocument,
    events: [...entries]
      .filter(([key]) => key.startsWith(`journal/${runId}/`))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, event]) => event as AnyEvent),
  }));
}
