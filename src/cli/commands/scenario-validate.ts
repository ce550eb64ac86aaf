import { scenarioFolder } from '../../composition/system.ts';
import { loadScenario } from '../../config/scenario/load-scenario.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import type { scenarioArgs } from '../definitions/scenario.ts';

/** Wrong files are exit 3 with every finding; a right one is told so. */
export async function run(
  { args }: CommandInput<None, typeof scenarioArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const { scenario, file } = await loadScenario({ wanted: args.scenario, folder: scenarioFolder, cwd: context.cwd });
  const { name, steps } = scenario;
  return {
    document: { schema: 'kmk.scenario-validate/v1', scenario: name, file, valid: true, steps: steps.length },
    human: `"${name}" is valid: ${steps.length} steps`,
  };
}
