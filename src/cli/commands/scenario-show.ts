import { scenarioFolder } from '../../composition/system.ts';
import { loadScenario } from '../../config/scenario/load-scenario.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import type { scenarioArgs } from '../definitions/scenario.ts';

/** The file's own text; as a document what it means, with every default. */
export async function run(
  { args }: CommandInput<None, typeof scenarioArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const source = { wanted: args.scenario, folder: scenarioFolder, cwd: context.cwd };
  const { scenario, file, text } = await loadScenario(source);
  return { document: { schema: 'kmk.scenario-file/v1', file, ...scenario }, human: text.trimEnd() };
}
