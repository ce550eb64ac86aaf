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
import { factsIn, isFactsFile } from '../../domain/plan/facts.ts';
import { ownerOfPart } from '../../domain/state-parts.ts';
import type { OutgoingRecord } from '../ports/record-client.ts';
import { orderedSends } from './ordered-sends.ts';
import { longestValue, readWholeState, changesOf } from './state-topic.ts';

/** What another process needs to know of a run to go on with it. */
const COPIED: ReadonlySet<string> = new Set<EventName>([
  ...(['run.started', 'plan.adopted', 'plan.step', 'plan.closed', 'step.finished', 'check.evaluated'] as const),
]);

const journalKey = (runId: string, n: number): string => `journal/${runId}/${String(n).padStart(6, '0')}`;
const factsPrefix = (runId: string): string => `facts/${runId}/`;

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
  const { entries: state, parts } = await readWholeState(lab, home, signal);
  const isOfRun = (key: string): boolean => /^(plan|journal|facts)\//.test(key);
  // Also what a value lacks a part of.
  const earlier = [...new Set([...state.keys(), ...parts.keys()])].filter(isOfRun);
  let seq = earlier
    .filter((key) => key.startsWith(journalKey(runId, 0).slice(0, -6)))
    .reduce((last, key) => Math.max(last, Number(key.slice(-6))), 0);
  let over = false;
  const longest = await longestValue(lab, home, signal);
  const producer = await lab.tools.producer(clusterLayout(lab.layout, home), { as: 'kmk' });
  const { send, flush, settled } = orderedSends(producer);
  const known = new Map(parts);
  const putText = (key: string, text: string | null): void => {
    const records = changesOf(key, text, { old: known.get(key), longest });
    known.set(key, partsAmong(records, key));
    send(records);
  };
  const put = (key: string, value: unknown): void => putText(key, value === null ? null : JSON.stringify(value));
  put(planKey(runId), plan);
  // Without it nobody could go on, and the lease would count as free.
  await flush().catch(async (error: unknown) => {
    await producer[Symbol.asyncDispose]();
    throw error;
  });
  const copy = (event: Omit<AnyEvent, 'v' | 'seq' | 'runId'>): void => {
    seq += 1;
    put(journalKey(runId, seq), { v: 1, seq, runId, ...event });
  };
  const { events: there, facts } = copiedRuns(state).find((run) => run.runId === runId) ?? NOTHING_COPIED;
  const local = eventsOfPlan(plan.id, await store.readJournal(runId)).filter(({ event }) => COPIED.has(event));
  const owned = new Set<string>(facts.keys());
  const keepFacts = (name: string, text: string): void => {
    owned.add(name);
    putText(`${factsPrefix(runId)}${name}`, text);
  };
  // Before the events that name them.
  for (const name of factsIn(local)) {
    const text = owned.has(name) ? null : await store.readRunFile(runId, name);
    if (text !== null) keepFacts(name, text);
  }
  for (const { at, level, event, data } of missingFrom(there, local)) copy({ at, level, event, data });
  const emit: EventSink['emit'] = (event, data, level = EVENT_LEVELS[event]) => {
    events.emit(event, data, level);
    over ||= event === 'plan.closed';
    if (!COPIED.has(event)) return;
    copy({ at: new Date(clock.now()).toISOString(), level, event, data });
  };
  const saveLab: RunStore['saveLab'] = async (record) => {
    await store.saveLab(record);
    put(RECORD_KEY, sharedOf(record, clock.now()));
    await flush();
  };
  const saveRunFile: RunStore['saveRunFile'] = async (run, name, content) => {
    const path = await store.saveRunFile(run, name, content);
    // Before the event that names it.
    if (run === runId && isFactsFile(name)) keepFacts(name, content);
    return path;
  };
  return {
    tools: { ...lab.tools, events: { ...events, emit }, store: { ...store, saveLab, saveRunFile } },
    flush,
    removeClosed: async () => {
      if (!over) return;
      const keys = Array.from({ length: seq }, (_, index) => journalKey(runId, index + 1));
      const files = [...owned].map((name) => `${factsPrefix(runId)}${name}`);
      // Earlier runs as well: this one has overtaken them.
      for (const key of new Set([...earlier, planKey(runId), ...keys, ...files])) put(key, null);
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
  /** Content of the files that its journal names, by their names in the run's folder. */
  readonly facts: ReadonlyMap<string, unknown>;
}

const NOTHING_COPIED: Pick<CopiedRun, 'events' | 'facts'> = { events: [], facts: new Map() };

/** Keys of the parts among the records of a key. */
function partsAmong(records: readonly OutgoingRecord[], key: string): readonly string[] {
  return records.flatMap((record) => {
    const name = String(record.key);
    return record.value !== null && ownerOfPart(name) === key ? [name] : [];
  });
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
    facts: new Map(
      [...entries].flatMap(([key, value]) =>
        key.startsWith(factsPrefix(runId)) ? [[key.slice(factsPrefix(runId).length), value] as const] : [],
      ),
    ),
  }));
}
