import type { Lab } from '../../app/lab/lab.ts';
import { previewSwitchover } from '../../app/failover/switchover.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { planOptions } from '../definitions/moves.ts';
import { runMove } from '../planned-move.ts';

export function run({ options }: CommandInput<typeof planOptions>, context: CommandContext): Promise<CommandResult> {
  const preview = (lab: Lab) => previewSwitchover(lab, context.signal);
  return runMove({ kind: 'switchover', verb: 'Switch over', preview }, options, context);
}
