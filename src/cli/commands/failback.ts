import { previewFailback } from '../../app/failover/failback.ts';
import { tailRequestOf } from '../../app/failover/resolve-tail.ts';
import type { Lab } from '../../app/lab/lab.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { failbackOptions } from '../definitions/lab.ts';
import { runMove } from '../planned-move.ts';

export function run(
  { options }: CommandInput<typeof failbackOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { stranded, tail, acceptLoss } = options;
  const asked = { stranded: stranded ?? null, tail: tail ?? 'skip', acceptLoss: acceptLoss ?? null };
  const preview = (lab: Lab, saved: PlanDocument | null) =>
    previewFailback(lab, saved === null ? asked : tailRequestOf(saved), context.signal);
  return runMove({ kind: 'failback', verb: 'Fail back', preview }, options, context);
}
