import { defineCommand } from '../define-command.ts';
import { argument, flag, value } from '../option.ts';
import { nonEmptyText, oneOf, wholeNumber } from '../value-parsers.ts';

export const scenarioArgs = {
  scenario: argument('<name|file>', 'a shipped scenario, or a file that ends in .yaml', nonEmptyText),
};

const RUNTIME = value('--runtime <name>', 'where the lab runs', { parser: oneOf('auto', 'local', 'docker') });
/** The seed is one 32-bit number. */
const MOST_SEED = 4_294_967_295;

export const scenarioList = defineCommand({
  name: 'scenario list',
  summary: 'list the drills that come with kmk',
  examples: ['kmk scenario list', 'kmk scenario list -o json'],
  needs: 'nothing',
  handler: () => import('../commands/scenario-list.ts'),
});

export const scenarioShow = defineCommand({
  name: 'scenario show',
  summary: 'print a drill as its file has it',
  args: scenarioArgs,
  examples: ['kmk scenario show unplanned-kill', 'kmk scenario show unplanned-kill > drill.yaml'],
  needs: 'nothing',
  handler: () => import('../commands/scenario-show.ts'),
});

export const scenarioValidate = defineCommand({
  name: 'scenario validate',
  summary: 'check a drill’s file and report everything that is wrong',
  args: scenarioArgs,
  examples: ['kmk scenario validate drill.yaml', 'kmk scenario validate drill.yaml -o json'],
  needs: 'nothing',
  handler: () => import('../commands/scenario-validate.ts'),
});

export const scenarioRunOptions = {
  seed: value('--seed <n>', 'make what is random repeatable', { parser: wholeNumber({ max: MOST_SEED }) }),
  repeat: value('--repeat <n>', 'run it that many times, each with the next seed', {
    parser: wholeNumber({ min: 1, max: 10_000 }),
    default: 1,
  }),
  runtime: RUNTIME,
};

export const scenarioRun = defineCommand({
  name: 'scenario run',
  summary: 'run a drill and judge it',
  description:
    'Runs on the deployed lab and leaves it as it was; deploys the project’s own where nothing is, and removes it afterwards. A drill with a topology brings its own lab on free ports. Exit 6 when a check or an objective fails.',
  args: scenarioArgs,
  options: scenarioRunOptions,
  examples: [
    'kmk scenario run unplanned-kill',
    'kmk scenario run unplanned-kill --seed 7 --repeat 3 -o json',
    'kmk scenario run ./drill.yaml',
  ],
  needs: 'config',
  configFlags: ({ options }) => ({ runtime: options.runtime }),
  handler: () => import('../commands/scenario-run.ts'),
});

export const demoOptions = { keep: flag('--keep', 'leave the lab running afterwards'), runtime: RUNTIME };

export const demo = defineCommand({
  name: 'demo',
  summary: 'see it all: deploy, kill the primary, fail over, fail back, report',
  description:
    'Runs the drill unplanned-kill on a lab of its own (project kmk-demo, free ports) and removes the lab afterwards. The last line is the path of the report.',
  options: demoOptions,
  examples: ['kmk demo', 'kmk demo --keep'],
  needs: 'config',
  configFlags: ({ options }) => ({ runtime: options.runtime }),
  handler: () => import('../commands/demo.ts'),
});
