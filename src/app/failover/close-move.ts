import type { FailoverDocument, GroupOffsets, Recovery } from '../../domain/documents.ts';
import { tailSize } from '../../domain/stranded-tail.ts';
import { labOf, saveRecord } from '../lab/lab.ts';
import { readGroupPositions } from '../offsets/group-positions.ts';
import { seenEnds } from '../offsets/samples.ts';
import { lossOf, lossText } from './loss.ts';
import { asCommitted } from './as-committed.ts';
import type { MoveContext } from './move-context.ts';
import { recordDocument, verdictOf } from './move-context.ts';
import { withSwitchedBack } from './switched-back.ts';

/** An earlier, interrupted failback has switched already: there is nothing left to measure. */
const NOT_MEASURED: Recovery = { writeMs: null, readMs: null, rtoMs: null };

/** Records the result of a failover; from then on a failback may follow. */
export async function closeFailover(context: MoveContext): Promise<FailoverDocument> {
  const { lab, plan, found } = context;
  const ends = found.sourceEnds;
  const cut = {
    at: found.cutAt ?? 0,
    sourceEnds:
      ends === null || ends === undefined
        ? null
        : new Map(Object.entries(ends).map(([key, end]) => [key, BigInt(end)] as const)),
  };
  const mirrored = found.mirrored ?? lab.record.promotion?.mirrored ?? [];
  const loss = lossOf(cut, mirrored, await seenEnds(lab, context.forward));
  if (loss.records !== 0) lab.tools.events.emit(loss.records === null ? 'warning' : 'note', { text: lossText(loss) });
  const document = documentOf(context, {
    simulated: plan.request['simulate'] !== null,
    ...{ loss, duplicates: null, stranded: loss.records },
    groups: asCommitted(found.groups ?? [], found.groupsAfter ?? []),
  });
  const recorded = await recordDocument(lab, context.move, document);
  const { promotion } = lab.record;
  if (promotion !== null) context.lab = await saveRecord(lab, { promotion: { ...promotion, unfinished: false } });
  return recorded;
}

/**
 * Records the result of a switchover: everything was copied, which the flow's positions have proved. Stranded is what was
 * written past the fence after the promotion.
 */
export async function closeSwitchover(context: MoveContext): Promise<FailoverDocument> {
  const { lab, found } = context;
  const document = documentOf(context, {
    simulated: false,
    loss: { records: 0, ms: 0, basis: 'offsets' },
    ...{ duplicates: null, stranded: (found.late ?? []).reduce((sum, { records }) => sum + records, 0) },
    groups: asCommitted(found.groups ?? [], found.groupsAfter ?? []),
  });
  const recorded = await recordDocument(lab, context.move, document);
  const { promotion } = lab.record;
  if (promotion !== null) context.lab = await saveRecord(lab, { promotion: { ...promotion, unfinished: false } });
  return recorded;
}

/** Records the result of a failback; last of all the promotion it undid is forgotten: until then a second run goes on. */
export async function closeFailback(context: MoveContext, signal: AbortSignal): Promise<FailoverDocument> {
  const { lab, forward } = context;
  const earlier = await recordedAlready(context);
  if (earlier !== null) return earlier;
  const whole = withSwitchedBack(context);
  const request = { flow: forward, groups: [], sourceReachable: true, compare: true, drained: true };
  const settled = labOf(lab.tools, { ...lab.record, promotion: null, moved: null }, lab.layout.closed);
  const document = documentOf(whole, {
    simulated: false,
    loss: { records: 0, ms: 0, basis: 'offsets' },
    duplicates: whole.found.duplicates ?? null,
    stranded: whole.found.stranded ?? 0,
    ...tailOf(whole),
    // As it is from now on: what was proved by the promotion holds no more behind the switch.
    groups: await readGroupPositions(settled, request, signal),
  });
  const recorded = await recordDocument(lab, context.move, document);
  context.lab = await saveRecord(lab, { promotion: null, moved: null });
  return recorded;
}

/** Once the promotion is forgotten nothing tells any more what became of its tail: what was recorded then stands. */
async function recordedAlready({ lab, move, part }: MoveContext): Promise<FailoverDocument | null> {
  const { promotion, moved } = lab.record;
  if (part === null ? promotion !== null : moved) return null;
  const text = await lab.tools.store.readRunFile(move.run.runId, 'result.json');
  return text === null ? null : (JSON.parse(text) as FailoverDocument);
}

const RESOLUTIONS = { export: 'exported', replay: 'replayed', discard: 'discarded' } as const;

function tailOf({ lab, found }: MoveContext): Pick<FailoverDocument, 'tail'> {
  const tail = lab.record.promotion?.tail;
  const records = found.stranded ?? 0;
  if (tail !== undefined) {
    const { choice, position, file, parts } = tail;
    return {
      tail: { resolution: RESOLUTIONS[choice], records: tailSize(parts), groups: position, file, partitions: parts },
    };
  }
  if (records === 0) return {};
  return { tail: { resolution: 'late', records, groups: 'redeliver', file: null, partitions: [] } };
}

function documentOf(
  { move, plan, found, part }: MoveContext,
  of: Pick<FailoverDocument, 'simulated' | 'loss' | 'duplicates' | 'stranded' | 'tail'> & {
    readonly groups: readonly GroupOffsets[];
  },
): FailoverDocument {
  return {
    schema: 'kmk.failover/v1',
    runId: move.run.runId,
    kind: plan.kind,
    simulated: of.simulated,
    from: plan.from,
    to: plan.to,
    verdict: verdictOf(move.checks),
    phases: move.phases,
    recovery: found.recovery ?? NOT_MEASURED,
    loss: of.loss,
    duplicates: of.duplicates,
    stranded: of.stranded,
    groups: of.groups.map((group) => ({
      ...group,
      redelivered: found.redelivered?.[group.group] ?? null,
      skipped: null,
    })),
    ...(of.tail === undefined ? {} : { tail: of.tail }),
    ...(part === null ? {} : { topics: part.topics }),
    checks: move.checks,
    journal: move.run.journal,
    report: move.run.report,
  };
}
