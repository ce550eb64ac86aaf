import type { App, CliServices, ConfigRequest } from '../../src/cli/cli-services.ts';
import type { CommandContext } from '../../src/cli/command-context.ts';
import {
  defineCommand,
  type CommandDefinition,
  type CommandInput,
  type CommandResult,
  type None,
} from '../../src/cli/define-command.ts';
import type { MainParts } from '../../src/cli/main.ts';
import { argument, flag, offSwitch, optionalValue, restArguments, value, values } from '../../src/cli/option.ts';
import { anyText, duration, keyValue, nonEmptyText, oneOf, wholeNumber } from '../../src/cli/value-parsers.ts';
import { KmkError } from '../../src/domain/errors.ts';
import type { Setup } from '../../src/domain/setup.ts';

const echoArgs = {
  first: argument('<first>', 'a word', nonEmptyText),
  rest: restArguments('[rest...]', 'more words'),
};
const echoOptions = {
  count: value('-n, --count <n>', 'how many', { parser: wholeNumber({ min: 1, max: 5 }), default: 2 }),
  must: value('--must <word>', 'has to be given', { parser: nonEmptyText, required: true, env: 'KMK_MUST' }),
  may: value('--may <word>', 'need not be given', { parser: anyText }),
  follow: flag('--follow', 'go on'),
  ui: offSwitch('--no-ui', 'without the UI'),
  how: optionalValue('--simulate [how]', 'cause it', { parser: oneOf('stop', 'kill'), bare: 'kill' }),
  header: values('--header <k=v>', 'a header', { parser: keyValue }),
  topics: values('--topic <topic...>', 'topics', { parser: nonEmptyText }),
  wait: value('--wait <duration>', 'how long', { parser: duration }),
};

/** A command with every kind of option and argument; it answers with what it was given. */
export const echo = defineCommand({
  name: 'echo',
  summary: 'answer with what was given',
  args: echoArgs,
  options: echoOptions,
  examples: ['kmk echo a --must b'],
  needs: 'nothing',
  jsonl: true,
  handler: () => Promise.resolve({ run: runEcho }),
});

function runEcho(
  { options, args }: CommandInput<typeof echoOptions, typeof echoArgs>,
  { globals }: CommandContext,
): Promise<CommandResult> {
  return Promise.resolve({ document: { schema: 'kmk.echo/v1', options, args, globals }, human: 'echoed' });
}

const wipeOptions = { dryRun: flag('--dry-run', 'show the plan'), keep: flag('--keep', 'keep most of it') };

/** Asks before it acts; never with --dry-run. */
export const wipe = defineCommand({
  name: 'group wipe',
  summary: 'change something',
  options: wipeOptions,
  examples: ['kmk group wipe'],
  needs: 'lab',
  asks: ({ options, setup }) => !options.keep && setup !== null,
  handler: () => Promise.resolve({ run: runWipe }),
});

async function runWipe(
  { options }: CommandInput<typeof wipeOptions>,
  { confirm }: CommandContext,
): Promise<CommandResult> {
  if (!options.dryRun && !options.keep) await confirm.confirm({ text: 'Wipe it?', lines: ['1 thing goes'] });
  return { human: 'wiped' };
}

/** Always asks; declared without looking at the config. */
export const drop = defineCommand({
  name: 'drop',
  summary: 'always ask',
  examples: [],
  needs: 'config',
  asks: true,
  handler: () => Promise.resolve({ run: () => Promise.resolve({ human: 'dropped' }) }),
});

/** Finds out only while it works that it has to ask. */
export const surprise = defineCommand({
  name: 'surprise',
  summary: 'ask without having said so',
  examples: [],
  needs: 'nothing',
  handler: () => Promise.resolve({ run: runSurprise }),
});

async function runSurprise(_input: CommandInput<None>, { confirm }: CommandContext): Promise<CommandResult> {
  await confirm.confirm({ text: 'changing "shop"' });
  return { human: 'changed' };
}

const failArgs = { how: argument('<how>', 'in which way', anyText) };

/** Fails the way `how` says. */
export const fail = defineCommand({
  name: 'fail',
  summary: 'fail in some way',
  args: failArgs,
  examples: [],
  needs: 'nothing',
  handler: () =>
    Promise.resolve({ run: ({ args }: CommandInput<None, typeof failArgs>) => Promise.reject(failure(args.how)) }),
});

function failure(how: string): Error {
  switch (how) {
    case 'known':
      return new KmkError('KMK_GROUP_ACTIVE', 'consumer group "a\nb" has 2 live members', {
        hints: ['Stop them, then run `kmk status`.'],
        context: { members: 2 },
      });
    case 'diagnostics':
      return new KmkError('KMK_CONFIG_INVALID', '"kmk.yaml" has 2 errors', {
        diagnostics: ['kmk.yaml:1:1: first', 'kmk.yaml:2:1: second'],
      });
    case 'disk':
      return Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/data/x' });
    default:
      return new TypeError('x is not a function');
  }
}

/** Prints until nobody reads or the run is interrupted. */
export const stream = defineCommand({
  name: 'stream',
  summary: 'print without end',
  examples: [],
  needs: 'nothing',
  streams: true,
  handler: () =>
    Promise.resolve({
      run: async (_input, context) => {
        while (!context.signal.aborted) {
          await context.stdout.write('line\n');
          await new Promise((resolve) => setImmediate(resolve));
        }
        throw context.signal.reason;
      },
    }),
});

/** Says what it does by events; the answer comes with an error. */
export const work = defineCommand({
  name: 'work',
  summary: 'do two steps',
  examples: [],
  needs: 'config',
  handler: () =>
    Promise.resolve({
      run: (_input, { events }) => {
        events.emit('step.started', { id: 'a', kind: 'step', title: 'first step' });
        events.emit('service.ready', { name: 'primary-1', kind: 'broker', endpoint: '127.0.0.1:9092', afterMs: 1500 });
        events.emit('step.finished', { id: 'a', state: 'done', durationMs: 12_345 });
        events.emit('warning', { text: 'something is odd', hint: 'Look at `kmk status`.' });
        const error = new KmkError('KMK_TOO_FEW_RECORDS', '3 of 5 records arrived');
        return Promise.resolve({ document: { schema: 'kmk.work/v1', end: 12n }, human: 'worked', error });
      },
    }),
});

export const SAMPLE_COMMANDS: readonly CommandDefinition[] = [echo, wipe, drop, surprise, fail, stream, work];

/** A config reader and an application that do nothing but what a test says. */
export function sampleParts(
  behaviour: {
    readonly config?: () => void;
    readonly lab?: () => void;
    readonly onConfig?: (request: ConfigRequest) => void;
    readonly onClose?: () => void;
  } = {},
): MainParts {
  const services: CliServices = {
    loadConfig: (request) => {
      behaviour.onConfig?.(request);
      return attempt(() => {
        behaviour.config?.();
        return { setup: { name: 'sample' } as Setup, file: null, document: {}, effective: [], warnings: [] };
      });
    },
    app: () =>
      Promise.resolve({
        requireLab: () => attempt(() => behaviour.lab?.()),
        close: () => attempt(() => behaviour.onClose?.()),
      } as unknown as App),
  };
  return { commands: SAMPLE_COMMANDS, services };
}

function attempt<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}
