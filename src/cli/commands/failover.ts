import type { SimulatedDisaster } from '../../domain/fault.ts';
import { previewFailover } from '../../app/failover/failover.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { failoverOptions } from '../definitions/lab.ts';
import { runMove } from '../planned-move.ts';

export function run(
  { options }: CommandInput<typeof failoverOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const asked = { simulate: options.simulate ?? null, force: options.force };
  return runMove(
    {
      ...{ kind: 'failover', verb: 'Fail over' },
      preview: (lab, saved) => {
        const request =
          saved === null
            ? asked
            : {
                simulate: saved.request['simulate'] as SimulatedDisaster | null,
                force: saved.request['force'] === true,
              };
        return previewFailover(lab, request, context.signal);
      },
    },
    options,
    context,
  );
}
