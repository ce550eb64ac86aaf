import { notRunning } from '../../domain/flow-health.ts';
import { CONNECTOR_TYPES } from '../../domain/lab/connect-config.ts';
import type { LabRecord, Moved } from '../../domain/lab/lab-record.ts';
import type { Part } from '../../domain/plan/part.ts';
import { joinMarks, movedNow } from '../../domain/plan/part.ts';
import { flowId } from '../../domain/setup.ts';
import { saveRecord } from '../lab/lab.ts';
import { awaitConfigs, ensureConnectors, resumeConnectors, stopConnectors } from '../replicate/flow-connectors.ts';
import { tellEpoch } from '../state/state-topic.ts';
import { connectorStatuses } from '../status/flow-status.ts';
import { openMoved } from './fence.ts';
import type { MoveContext } from './move-context.ts';
import { evaluate } from './move-context.ts';
import { readWatermarks } from './promotion.ts';
import { restartWorker } from './stop-flow.ts';

/** Whether the promotion of what the move is about is recorded. */
export function isPromoted({
  lab: { record },
  part,
}: {
  readonly lab: { readonly record: Pick<LabRecord, 'promotion' | 'moved'> };
  readonly part: Part | null;
}): boolean {
  if (part === null) return record.promotion !== null;
  const moved = movedNow(record)?.topics ?? [];
  return part.topics.every((topic) => moved.includes(topic));
}

/** Records once that the part has moved, with the marks that the way back starts from; clients come afterwards. */
export async function promotePart(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { lab, forward, reverse, part } = context;
  if (part !== null && !isPromoted(context)) {
    const before = movedNow(lab.record);
    const watermarks = await readWatermarks(lab, reverse, signal);
    const moved: Moved = {
      ...{ from: forward.source, to: forward.target },
      topics: [...(before?.topics ?? []), ...part.topics],
      groups: [...(before?.groups ?? []), ...part.groups],
      watermarks: joinMarks(before?.watermarks ?? [], watermarks),
      mirrored: joinMarks(before?.mirrored ?? [], context.found.mirrored ?? []),
      seeded: before?.seeded ?? [],
      reverseStart: before?.reverseStart ?? [],
    };
    const epoch = lab.record.epoch + 1;
    context.lab = await saveRecord(lab, { epoch, moved });
    const { from, to } = moved;
    lab.tools.events.emit('topics.moved', { from, to, topics: part.topics, groups: part.groups, epoch });
  }
  await tellEpoch(context.lab, forward.target, signal);
  await openMoved(context.lab, signal);
}

/** The setup's flow runs again, and copies and positions nothing any more of what has moved. */
export async function goOnWithout(context: MoveContext, signal: AbortSignal): Promise<void> {
  const { forward } = context.standing;
  const lab = await restartWorker(context.lab, forward.target, signal);
  context.lab = lab;
  // Stopped already, unless this step was cut short: no task may run with the old config.
  await stopConnectors(lab, forward, ['source', 'checkpoint'], signal);
  await ensureConnectors(lab, forward, 'STOPPED', signal);
  await awaitConfigs(lab, forward, signal);
  await resumeConnectors(lab, forward, CONNECTOR_TYPES, signal);
}

/** The rest must not pay for the part. */
export async function judgeRest({ lab, move, standing: { forward } }: MoveContext, signal: AbortSignal): Promise<void> {
  const faults = notRunning(await connectorStatuses(lab, forward, signal));
  const text = faults === null ? `the flow ${flowId(forward)} copies the rest` : `the rest is not copied: ${faults}`;
  evaluate(move, 'rest.running', faults === null ? 'pass' : 'fail', text);
}
