import type { Lab } from '../../app/lab/lab.ts';
import { previewSwitchover } from '../../app/failover/switchover.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { switchoverOptions } from '../definitions/moves.ts';
import { runMove } from '../planned-move.ts';

export function run(
  { options }: CommandInput<typeof switchoverOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const preview = (lab: Lab, saved: PlanDocument | null) => {
    const limit = saved === null ? options.maxLag : saved.request['maxLag'];
    return previewSwitchover(lab, { maxLag: typeof limit === 'number' ? limit : null }, context.signal);
  };
  return runMove({ kind: 'switchover', verb: 'Switch over', preview }, options, context);
}
