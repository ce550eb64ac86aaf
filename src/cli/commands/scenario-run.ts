import { randomSeed, runDrill } from '../../composition/drill.ts';
import { scenarioFolder } from '../../composition/system.ts';
import { loadScenario } from '../../config/scenario/load-scenario.ts';
import type { ScenarioDocument } from '../../domain/documents.ts';
import { hasPrompts } from '../../domain/scenario.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { scenarioArgs, scenarioRunOptions } from '../definitions/scenario.ts';
import { drillResult } from '../drill-result.ts';
import { notConfirmed } from '../prompts.ts';

/** Runs the drill as often as asked; the answer is the first that did not pass, else the last. */
export async function run(
  { options, args }: CommandInput<typeof scenarioRunOptions, typeof scenarioArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const source = { wanted: args.scenario, folder: scenarioFolder, cwd: context.cwd };
  const { scenario } = await loadScenario(source);
  if (hasPrompts(scenario) && !context.interactive && !context.globals.yes) {
    throw notConfirmed(`scenario "${scenario.name}"`);
  }
  const app = await context.app();
  const firstSeed = options.seed ?? randomSeed();
  const documents: ScenarioDocument[] = [];
  for (let n = 0; n < options.repeat; n += 1) {
    const seed = (firstSeed + n) % 2 ** 32;
    documents.push(await runDrill(app, { scenario, setup: app.setup, seed, keep: false }, context.signal));
  }
  const telling = documents.find(({ verdict }) => verdict !== 'pass') ?? documents.at(-1);
  if (telling === undefined) throw new Error('no drill was run');
  const runs = documents.map(({ runId, seed, verdict, report }) => ({ runId, seed, verdict, report }));
  const closing =
    documents.length === 1
      ? `report: ${telling.report ?? ''}`
      : runs.map(({ seed, verdict, report }) => `seed ${seed}: ${verdict}, report: ${report ?? ''}`).join('\n');
  const result = drillResult(telling, context.paint, closing);
  return options.repeat === 1 ? result : { ...result, document: { ...telling, runs } };
}
