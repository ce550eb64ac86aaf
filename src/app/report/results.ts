import type { Loss, Recovery, Verdict } from '../../domain/documents.ts';
import { asFields, count, list, oneOf, text, textOrNull } from './fields.ts';
import type { Fields } from './fields.ts';
import type { Journal } from './journal.ts';

/** A recorded result document, with its parts that reports use. */
export interface ResultDocument {
  readonly atMs: number;
  readonly schema: string;
  readonly document: Fields;
  readonly verdict: Verdict | null;
  readonly loss: Loss | null;
  readonly recovery: Recovery | null;
  readonly phases: readonly Fields[];
}

/** All recorded results, in their order. A scenario records those of its moves first and its own last. */
export function resultDocuments(journal: Journal): readonly ResultDocument[] {
  return journal.named('result.recorded').map(({ atMs, data }) => {
    const document = asFields(data['document']);
    return {
      atMs,
      schema: text(data, 'schema', text(document, 'schema', '')),
      document,
      verdict: oneOf(document, 'verdict', ['pass', 'fail', 'inconclusive']),
      loss: readLoss(document['loss']),
      recovery: readRecovery(document['recovery']),
      phases: list(document, 'phases'),
    };
  });
}

export function isScenario(result: ResultDocument): boolean {
  return result.schema.startsWith('kmk.scenario/');
}

export function isMove(result: ResultDocument): boolean {
  return result.schema.startsWith('kmk.failover/');
}

function readLoss(value: unknown): Loss | null {
  const fields = asFields(value);
  const basis = oneOf(fields, 'basis', ['ledger', 'offsets', 'estimate']);
  return basis === null ? null : { records: count(fields, 'records'), ms: count(fields, 'ms'), basis };
}

function readRecovery(value: unknown): Recovery | null {
  const fields = asFields(value);
  const recovery = {
    writeMs: count(fields, 'writeMs'),
    readMs: count(fields, 'readMs'),
    rtoMs: count(fields, 'rtoMs'),
  };
  return Object.values(recovery).every((ms) => ms === null) ? null : recovery;
}

/** `failover primary->dr`: how a move is called where several are listed. */
export function moveLabel(document: Fields): string {
  return `${text(document, 'kind', 'move')} ${text(document, 'from')}->${text(document, 'to')}`;
}

/** The scenario's name where the run was one. */
export function scenarioOf(results: readonly ResultDocument[]): { name: string | null; seed: number | null } {
  const document = results.findLast(isScenario)?.document;
  if (document === undefined) return { name: null, seed: null };
  return { name: textOrNull(document, 'scenario'), seed: count(document, 'seed') };
}
