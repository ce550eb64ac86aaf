import { FAULT_WORDS } from '../../domain/fault.ts';
import type { ScenarioStep } from '../../domain/scenario.ts';
import { step } from '../step.ts';
import { runFault, runHeal } from './steps/faults.ts';
import { runCheck } from './steps/check.ts';
import { consumePlain, producePlain } from './steps/plain-clients.ts';
import { runDisaster, runFailback, runFailover, runSwitchover } from './steps/moves.ts';
import { drain, steady, waitFor } from './steps/workload-steps.ts';
import type { Drill } from './drill.ts';

/** Runs one step of the file, journaled; it counts in the result also when it fails. */
export async function runStep(drill: Drill, of: ScenarioStep, signal: AbortSignal): Promise<void> {
  await timed(drill, of.id, of.kind, titleOf(of), async () => {
    const detail = await carryOut(drill, of, signal);
    if (detail !== undefined) drill.tools.events.emit('step.progress', { id: of.id, text: detail });
  });
}

/** A unit of work that the result lists. */
export async function timed<T>(
  drill: Pick<Drill, 'tools' | 'steps'>,
  id: string,
  kind: string,
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  const { clock } = drill.tools;
  const startedAt = clock.now();
  try {
    const value = await step(drill.tools, id, 'scenario', title, work);
    drill.steps.push({ id, kind, state: 'done', durationMs: clock.now() - startedAt });
    return value;
  } catch (error) {
    drill.steps.push({ id, kind, state: 'failed', durationMs: clock.now() - startedAt });
    throw error;
  }
}

/** What it did, in a few words; nothing where the title says it. */
async function carryOut(drill: Drill, of: ScenarioStep, signal: AbortSignal): Promise<string | undefined> {
  switch (of.kind) {
    case 'steady':
      return steady(drill, of, signal);
    case 'drain':
      return drain(drill, of, signal);
    case 'wait':
      return waitFor(drill, of, signal);
    case 'disaster':
      return runDisaster(drill, of, signal);
    case 'fault':
      return runFault(drill, of, signal);
    case 'heal':
      return runHeal(drill, signal);
    case 'failover':
      return runFailover(drill, of, signal);
    case 'switchover':
      return runSwitchover(drill, signal);
    case 'failback':
      return runFailback(drill, signal);
    case 'produce':
      return producePlain(drill, of, signal);
    case 'consume':
      return consumePlain(drill, of, signal);
    case 'check':
      return runCheck(drill, of.id, of.checks, signal);
    case 'prompt':
      await drill.tools.confirm.confirm({ text: of.text, lines: of.lines });
      return undefined;
  }
}

function titleOf(of: ScenarioStep): string {
  switch (of.kind) {
    case 'steady':
      return of.records === null ? 'clients at work' : `clients at work for ${of.records} records`;
    case 'drain':
      return 'writers stop; everything is copied and processed';
    case 'wait':
      return of.for === 'lag' ? 'waiting for the flows to copy' : 'waiting for the groups to process';
    case 'disaster':
      return `disaster: ${FAULT_WORDS[of.how]} of the ${of.cluster} cluster`;
    case 'fault':
      return `fault: ${FAULT_WORDS[of.fault]} of ${of.scope} on the ${of.cluster} cluster`;
    case 'heal':
      return 'ending every fault';
    case 'failover':
      return 'failover';
    case 'switchover':
      return 'switchover';
    case 'failback':
      return 'failback';
    case 'produce':
      return `writing ${of.messages} records to "${of.topic}"`;
    case 'consume':
      return `reading ${of.messages} records of "${of.topic}"`;
    case 'check':
      return 'reading all logs and judging them';
    case 'prompt':
      return of.text;
  }
}
