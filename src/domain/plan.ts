import type { PlanDocument } from './documents.ts';

type PlanStep = PlanDocument['steps'][number];

export interface MoveFacts {
  readonly from: string;
  readonly to: string;
  readonly policy: 'default' | 'identity';
  readonly mode: 'connect' | 'dedicated';
  readonly simulate: 'kill' | 'stop' | null;
  /** Whether the source answers now. */
  readonly sourceHealthy: boolean;
  readonly force: boolean;
  readonly groups: number;
  readonly topics: number;
  /** Groups with live members on the side whose positions are to be written. */
  readonly liveGroups: readonly string[];
  /** Records not copied yet; null when it cannot be known. */
  readonly lagRecords: number | null;
}

/** The steps of an unplanned failover, what it costs and what stands against it. Pure. */
export function planFailover(facts: MoveFacts): PlanDocument {
  const { from, to, simulate } = facts;
  const steps: PlanStep[] = [];
  if (simulate !== null) {
    const how = simulate === 'kill' ? 'kill -9' : 'stop';
    steps.push(stepOf('disaster', `${how} the brokers of "${from}" and the Connect worker of that site`, false));
  }
  steps.push(
    stepOf('stop-flow', `stop the flow ${from}->${to} so that nothing overwrites positions on "${to}"`, true),
    stepOf('offsets', `commit the best known positions of ${count(facts.groups, 'group')} on "${to}"`, true),
    stepOf('promote', promoteTitle(facts), false),
    stepOf('service', `write and read a record on "${to}" as a client`, true),
    stepOf('verify', 'check positions, topics and what was lost', true),
  );
  const warnings: string[] = [];
  if (facts.lagRecords !== null && facts.lagRecords > 0) {
    warnings.push(`${count(facts.lagRecords, 'record')} not copied yet would be lost or late`);
  }
  if (!facts.sourceHealthy) warnings.push(`"${from}" does not answer: what is known is as old as the last checkpoint`);
  const blockers: string[] = [];
  if (simulate === null && facts.sourceHealthy && !facts.force) blockers.push(`"${from}" is healthy`);
  if (facts.liveGroups.length > 0) blockers.push(`groups with live members on "${to}": ${facts.liveGroups.join(', ')}`);
  return { schema: 'kmk.plan/v1', kind: 'failover', from, to, steps, warnings, blockers };
}

/** What is left of a failover that was cut short after the promotion. Pure. */
export function planUnfinishedFailover(from: string, to: string): PlanDocument {
  const steps = [
    stepOf('promote', `let clients write on "${to}" (made active already)`, true),
    stepOf('service', `write and read a record on "${to}" as a client`, true),
    stepOf('worker', `start the Connect worker of "${to}" again where it does not run, its flow stopped`, true),
    stepOf('verify', 'check positions and topics', true),
  ];
  const warnings = ['an earlier failover was cut short: what it cost is in its own report'];
  return { schema: 'kmk.plan/v1', kind: 'failover', from, to, steps, warnings, blockers: [] };
}

/** The steps of a failback: the old active returns fenced, catches up through a seeded reverse flow, takes over. Pure. */
export function planFailback(facts: Pick<MoveFacts, 'from' | 'to' | 'mode' | 'policy'>): PlanDocument {
  const { from, to } = facts;
  const steps = [
    stepOf('stranded', `bring "${to}" back behind a fence and find records that never crossed`, true),
    stepOf('reverse', `create the flow ${from}->${to} stopped, seed it at the watermark, read back, resume`, true),
    stepOf('catch-up', `wait until "${to}" holds everything written on "${from}"`, true),
    stepOf('fence', `refuse client writes on "${from}" and wait for the last record to cross`, true),
    stepOf('offsets', `commit the groups' positions on "${to}"`, true),
    stepOf('compare', `stop the flow ${from}->${to} and check that nothing was copied twice`, true),
    stepOf('switch-back', `let clients write on "${to}" and make it active`, false),
    stepOf('forward', `resume the flow ${to}->${from} and see a canary cross`, true),
    stepOf('verify', 'check that the forward flow is whole', true),
  ];
  const blockers = facts.mode === 'dedicated' ? [DEDICATED_FAILBACK] : [];
  return { schema: 'kmk.plan/v1', kind: 'failback', from, to, steps, warnings: [], blockers };
}

/** Dedicated MM2 has no REST API: its flows cannot be created stopped nor seeded (KIP-980, KIP-875). */
export const DEDICATED_FAILBACK = 'dedicated mode cannot seed a reverse flow, so it would copy everything back twice';

function promoteTitle({ to, topics, policy }: MoveFacts): string {
  return policy === 'identity'
    ? `let clients write on "${to}" and make it active`
    : `create the missing local topics for ${count(topics, 'mirrored topic')} on "${to}" and make it active`;
}

function stepOf(id: string, title: string, reversible: boolean): PlanStep {
  return { id, title, reversible };
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
