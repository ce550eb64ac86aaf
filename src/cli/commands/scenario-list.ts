import { scenarioFolder } from '../../composition/system.ts';
import { listScenarios } from '../../config/scenario/load-scenario.ts';
import type { CommandResult } from '../define-command.ts';
import { table } from '../table.ts';

/** Name, file and summary of every shipped drill. */
export async function run(): Promise<CommandResult> {
  const scenarios = await listScenarios(scenarioFolder);
  return {
    document: { schema: 'kmk.scenarios/v1', scenarios },
    human: () =>
      table(
        [{ title: 'NAME' }, { title: 'SUMMARY' }],
        scenarios.map(({ name, summary }) => [name, summary]),
      ),
  };
}
