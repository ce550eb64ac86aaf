import { newestEpoch, newestRecord } from '../../domain/cluster-state.ts';
import { eventsOfPlan, missingFrom } from '../../domain/plan/copied-events.ts';
import { isFactsFile } from '../../domain/plan/facts.ts';
import type { Lab } from '../lab/lab.ts';
import { saveRecord } from '../lab/lab.ts';
import type { CopiedRun } from './run-copy.ts';
import { copiedRuns } from './run-copy.ts';
import { epochsOf, readStates } from './state-topic.ts';

/** Nothing else is waited for. */
const READ_LIMIT_MS = 10_000;

/** What a state directory learnt from the clusters. */
export interface TakenOver {
  /** Runs that it did not know, or not as far as another machine has gone on with them. */
  readonly runs: readonly string[];
  /** True where the clusters knew of a later move. */
  readonly overtaken: boolean;
}

/**
 * Brings this state directory up to what the clusters know: unfinished runs of other machines with their plans and
 * journals, who is active, and what a failback goes by. Changes nothing on the clusters. The caller holds the lock.
 */
export async function takeOver(lab: Lab, signal: AbortSignal): Promise<TakenOver> {
  const { store, events } = lab.tools;
  const states = await readStates(lab, signal, READ_LIMIT_MS);
  const taken: string[] = [];
  for (const run of [...states.values()].flatMap(copiedRuns)) {
    if ((await store.readRunFile(run.runId, 'plan.json')) !== null) {
      if (await catchUp(lab, run)) taken.push(run.runId);
      continue;
    }
    await keepRun(lab, run);
    taken.push(run.runId);
    events.emit('note', { text: `run ${run.runId} of another machine is taken over` });
  }
  const newest = newestEpoch(epochsOf(states));
  const overtaken = newest !== null && newest.epoch > lab.record.epoch;
  if (!overtaken && taken.length === 0) return { runs: taken, overtaken };
  const known = newestRecord(states.values());
  if (known !== null && known.epoch >= Math.max(lab.record.epoch, newest?.epoch ?? 0)) {
    const { active, epoch, promotion, moved = null, settled, closed } = known;
    await saveRecord(lab, {
      ...{ active, epoch, promotion, moved },
      ...(settled === undefined ? {} : { settled }),
      ...(closed === undefined ? {} : { closed }),
    });
    if (overtaken) events.emit('note', { text: `"${active}" is active, epoch ${epoch}, as the clusters know` });
  }
  return { runs: taken, overtaken };
}

/** Another machine may have gone on with a run that is known here: what it has done since is not done again. */
async function catchUp(lab: Lab, { runId, plan, events, facts }: CopiedRun): Promise<boolean> {
  const { store } = lab.tools;
  const newer = missingFrom(eventsOfPlan(plan.id, await store.readJournal(runId)), events);
  if (newer.length === 0) return false;
  await saveFacts(lab, runId, facts);
  await store.appendRunFile(runId, 'journal.jsonl', newer.map((event) => `${JSON.stringify(event)}\n`).join(''));
  lab.tools.events.emit('note', { text: `run ${runId} has been gone on with by another machine` });
  return true;
}

/** Before the events that name them. */
async function saveFacts({ tools: { store } }: Lab, runId: string, facts: CopiedRun['facts']): Promise<void> {
  for (const [name, value] of facts) {
    if (isFactsFile(name)) await store.saveRunFile(runId, name, JSON.stringify(value));
  }
}

async function keepRun(lab: Lab, { runId, plan, events, facts }: CopiedRun): Promise<void> {
  const { store } = lab.tools;
  await saveFacts(lab, runId, facts);
  const lines = events.map((event) => JSON.stringify(event)).join('\n');
  await store.appendRunFile(runId, 'journal.jsonl', lines === '' ? '' : `${lines}\n`);
  // Last: with its plan the run counts as known.
  await store.saveRunFile(runId, 'plan.json', `${JSON.stringify(plan, null, 2)}\n`);
}
