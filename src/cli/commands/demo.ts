import { runDrill } from '../../composition/drill.ts';
import { scenarioFolder } from '../../composition/system.ts';
import { readConfig } from '../../config/index.ts';
import { loadScenario } from '../../config/scenario/load-scenario.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { demoOptions } from '../definitions/scenario.ts';
import { drillResult } from '../drill-result.ts';

const PROJECT = 'kmk-demo';
/** Below the state directory; `kmk destroy` finds it there. */
const DIR = 'demo';
const LAB = `version: 1
name: ${PROJECT}
ui: { enabled: false }
clusters: { primary: { port: auto }, dr: { port: auto } }
`;
/** The demo is the same every time. */
const SEED = 1;

/** The drill unplanned-kill on a lab of its own. */
export async function run(
  { options }: CommandInput<typeof demoOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const source = { wanted: 'unplanned-kill', folder: scenarioFolder, cwd: context.cwd };
  const { scenario } = await loadScenario(source);
  const { runtime, images } = app.setup;
  const topology = { ...readConfig(LAB, { name: 'the lab of the demo' }).setup, runtime, images };
  const document = await runDrill(
    app,
    {
      scenario: { ...scenario, topology },
      setup: topology,
      seed: SEED,
      keep: options.keep,
      own: { dir: DIR, project: PROJECT },
    },
    context.signal,
  );
  const stateDir = await context.stateDir();
  const kept = options.keep
    ? `the lab runs on: kmk status --project ${PROJECT} --state-dir ${stateDir}/${DIR}\nremove it with: kmk destroy --yes --project ${PROJECT} --state-dir ${stateDir}/${DIR}\n`
    : '';
  return drillResult(document, context.paint, `${kept}${document.report ?? ''}`);
}
