import { previewFailback } from '../../app/failover/failback.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { failbackOptions } from '../definitions/lab.ts';
import { runMove } from '../planned-move.ts';

export function run(
  { options }: CommandInput<typeof failbackOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const preview = (lab: Parameters<typeof previewFailback>[0]) => previewFailback(lab, context.signal);
  return runMove({ kind: 'failback', verb: 'Fail back', preview }, options, context);
}
