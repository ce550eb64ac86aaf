import type { Lab } from '../../app/lab/lab.ts';
import { previewSwitchover } from '../../app/failover/switchover.ts';
import type { PlanDocument } from '../../domain/plan/plan.ts';
import { scopeAsked, scopeOfPlan } from '../../domain/plan/scope.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { switchoverOptions } from '../definitions/moves.ts';
import { runMove } from '../planned-move.ts';

export async function run(
  { options }: CommandInput<typeof switchoverOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { topic: topics, group: groups, wave } = options;
  const { setup } = await context.app();
  const scope = scopeAsked({ topics, groups, wave }, setup);
  const preview = (lab: Lab, saved: PlanDocument | null) => {
    const limit = saved === null ? options.maxLag : saved.request['maxLag'];
    const maxLag = typeof limit === 'number' ? limit : null;
    const deadline = saved === null ? options.deadline : saved.request['deadlineMs'];
    const deadlineMs = typeof deadline === 'number' ? deadline : null;
    return previewSwitchover(
      lab,
      { maxLag, deadlineMs, scope: saved === null ? scope : scopeOfPlan(saved) },
      context.signal,
    );
  };
  const verb = scope === null ? 'Switch over' : 'Move these topics and groups';
  return runMove({ kind: 'switchover', verb, preview }, options, context);
}
