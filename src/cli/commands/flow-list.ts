import { listFlows } from '../../app/flows/describe-flow.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import { flowsTable } from '../status-text.ts';

export async function run(_input: CommandInput<None>, context: CommandContext): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const document = await listFlows(lab, context.signal);
  return { document, human: () => flowsTable(document.flows, context.paint) };
}
