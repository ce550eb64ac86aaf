import { flag, offSwitch, value } from './option.ts';
import { duration, nonEmptyText, oneOf } from './value-parsers.ts';
import type { OptionValues } from './define-command.ts';

export const OUTPUT_FORMATS = ['human', 'json', 'yaml', 'jsonl'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Accepted before and after the subcommand; the one further right wins. Precedence: flag, KMK_* variable, default. */
export const GLOBAL_OPTIONS = {
  config: value('-c, --config <file>', 'kmk.yaml to use (else the nearest one upwards)', {
    parser: nonEmptyText,
    env: 'KMK_CONFIG',
  }),
  project: value('-p, --project <name>', 'project name, instead of the one in the file (or KMK_PROJECT)', {
    parser: nonEmptyText,
  }),
  stateDir: value('--state-dir <dir>', 'where kmk keeps its state (else .kmk beside the config)', {
    parser: nonEmptyText,
    env: 'KMK_STATE_DIR',
  }),
  output: value('-o, --output <format>', 'format of the result on stdout', {
    parser: oneOf(...OUTPUT_FORMATS),
    default: 'human',
    env: 'KMK_OUTPUT',
  }),
  yes: flag('-y, --yes', 'answer every question with yes', { env: 'KMK_YES' }),
  timeout: value('--timeout <duration>', 'give up waiting after this long (30s, 5m)', {
    parser: duration,
    env: 'KMK_TIMEOUT',
  }),
  quiet: flag('-q, --quiet', 'no progress, only results, warnings and errors', { env: 'KMK_QUIET' }),
  verbose: flag('-v, --verbose', 'show details, and stacks of unexpected errors', { env: 'KMK_VERBOSE' }),
  color: offSwitch('--no-color', 'no colours (also the variable NO_COLOR)'),
} as const;

export type GlobalOptions = OptionValues<typeof GLOBAL_OPTIONS>;
