import { Command, Option, type CommanderError } from 'commander';
import type { CommandDefinition, OptionSpecs } from './define-command.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { formatHelp, GLOBAL_HEADING } from './help-format.ts';
import type { OptionSpec, RawValue } from './option.ts';
import { usageError } from './usage-error.ts';
import { kmkVersion } from '../composition/version.ts';

/** A call of one command, as typed: nothing is checked or converted yet. */
export interface ParsedCall {
  readonly kind: 'call';
  readonly definition: CommandDefinition;
  /** By the names of the specs; undefined where the flag was not given. */
  readonly options: Readonly<Record<string, RawValue>>;
  readonly args: Readonly<Record<string, RawValue>>;
  readonly globals: Readonly<Record<string, RawValue>>;
}

/** Text that was asked for: help or the version. `bare`: no command was given at all. */
export interface ParsedText {
  readonly kind: 'text';
  readonly text: string;
  readonly bare: boolean;
}

/** What the nouns are, for help. */
const NOUNS: Readonly<Record<string, string>> = {
  topic: 'list, describe, create and delete topics of both clusters',
  group: 'list, describe and reset consumer groups of both clusters',
  flow: 'list, describe, pause, resume, stop and restart replication flows',
  offsets: 'show where groups stand on both sides, and how safe that is',
  scenario: 'list, show, validate and run drills',
  config: 'show and check the configuration',
};

class TextRequested extends Error {
  readonly text: string;
  readonly bare: boolean;
  constructor(text: string, bare: boolean) {
    super('text requested');
    this.text = text;
    this.bare = bare;
  }
}

/** Reads a command line. `width`: of the terminal that help is shown on, else 80 columns. Throws KMK_USAGE. */
export function parseCommandLine(
  definitions: readonly CommandDefinition[],
  argv: readonly string[],
  width?: number,
): ParsedCall | ParsedText {
  let call: ParsedCall | undefined;
  const program = buildProgram(definitions, width ?? 80, (found) => {
    call = found;
  });
  try {
    program.parse(rewriteHelp(argv), { from: 'user' });
  } catch (error) {
    if (error instanceof TextRequested) return { kind: 'text', text: error.text, bare: error.bare };
    throw error;
  }
  // Commander either ran the action of a command or threw.
  return call ?? { kind: 'text', text: program.helpInformation(), bare: true };
}

/** The commander tree: nouns with their verbs, each with its options and the global ones. */
function buildProgram(
  definitions: readonly CommandDefinition[],
  width: number,
  onCall: (call: ParsedCall) => void,
): Command {
  const program = new Command('kmk');
  program
    .description('Disaster recovery for Apache Kafka with MirrorMaker 2: deploy, operate, prove, rehearse.')
    .helpCommand(false)
    .enablePositionalOptions()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined, getOutHelpWidth: () => width })
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      throw new TextRequested(`${kmkVersion()}\n`, false);
    });
  prepare(program);
  program.usage('<command> [options]');
  program.addHelpText('after', '\nRun `kmk <command> --help` for the options and examples of a command.');
  for (const definition of definitions) addCommand(program, definition, onCall);
  return program;
}

function addCommand(program: Command, definition: CommandDefinition, onCall: (call: ParsedCall) => void): void {
  const words = definition.name.split(' ');
  const verb = words.at(-1) ?? definition.name;
  const parent = words.slice(0, -1).reduce(nounOf, program);
  const command = parent.command(verb).summary(definition.summary).description(describe(definition));
  const optionKeys = addOptions(command, definition.options ?? {}, 'Options:');
  const argumentSpecs = Object.entries(definition.args ?? {});
  // Every argument is optional for commander: missing ones are reported with the other checks of input.
  for (const [, argument] of argumentSpecs) {
    command.argument(
      argument.usage.replace('<', '[').replace('>', ']'),
      withChoices(argument.summary, argument.choices),
    );
  }
  if (definition.passThrough === true) command.passThroughOptions();
  if (argumentSpecs.length > 0) command.usage(`[options] ${argumentSpecs.map(([, a]) => a.usage).join(' ')}`);
  prepare(command);
  if (definition.examples.length > 0) {
    command.addHelpText('after', `\nExamples:\n${definition.examples.map((line) => `  $ ${line}`).join('\n')}`);
  }
  command.action(() => {
    const args = Object.fromEntries(
      argumentSpecs.map(([key], index) => [key, command.processedArgs[index] as RawValue]),
    );
    onCall({ kind: 'call', definition, options: rawOptions(command, optionKeys), args, globals: rawGlobals(command) });
  });
}

function nounOf(parent: Command, word: string): Command {
  const existing = parent.commands.find((command) => command.name() === word);
  if (existing !== undefined) return existing;
  const noun = parent
    .command(word)
    .description(NOUNS[word] ?? '')
    .helpCommand(false)
    .enablePositionalOptions();
  prepare(noun);
  return noun;
}

function describe(definition: CommandDefinition): string {
  return definition.description === undefined
    ? definition.summary
    : `${definition.summary}\n\n${definition.description}`;
}

/** Global options, help behaviour and errors, the same at every level. */
function prepare(command: Command): void {
  // The variables are listed once, in `kmk --help`.
  addOptions(command, GLOBAL_OPTIONS, GLOBAL_HEADING, command.parent === null);
  command
    .helpOption('-h, --help', 'show this help')
    .configureHelp({ formatHelp })
    .exitOverride((error) => onExit(error, command));
}

function onExit(error: CommanderError, command: Command): never {
  const [word] = command.args;
  const unknownWord = command.commands.length > 0 && word !== undefined && !word.startsWith('-');
  if (error.code === 'commander.helpDisplayed' && !unknownWord) throw new TextRequested(helpText(command), false);
  // "commander.help": a noun, or kmk itself, without a verb.
  if (error.code === 'commander.help') throw new TextRequested(helpText(command), command.parent === null);
  throw usageError(error, command);
}

/** Help as commander shows it, including the text added after it. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  command.configureOutput({ writeOut: () => undefined });
  return text;
}

function addOptions(
  command: Command,
  specs: OptionSpecs,
  heading: string,
  showEnv = true,
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [key, spec] of Object.entries(specs)) {
    const option = toOption(spec, showEnv).helpGroup(heading);
    keys.set(key, option.attributeName());
    command.addOption(option);
  }
  return keys;
}

function toOption(spec: OptionSpec<unknown>, showEnv: boolean): Option {
  const notes = [
    spec.defaultText === undefined ? '' : `default: ${spec.defaultText}`,
    spec.env === undefined || !showEnv ? '' : `env: ${spec.env}`,
  ].filter((note) => note !== '');
  const text = withChoices(spec.summary, spec.choices);
  const option = new Option(spec.flags, notes.length === 0 ? text : `${text} (${notes.join(', ')})`);
  if (spec.repeatable && !option.variadic) {
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  }
  return option;
}

function withChoices(summary: string, choices: readonly string[]): string {
  return choices.length === 0 ? summary : `${summary}: ${choices.join('|')}`;
}

function rawOptions(command: Command, keys: ReadonlyMap<string, string>): Record<string, RawValue> {
  const raw: Record<string, RawValue> = {};
  for (const [key, attribute] of keys) {
    if (command.getOptionValueSource(attribute) === 'cli') raw[key] = command.getOptionValue(attribute) as RawValue;
  }
  return raw;
}

/** Global options of the command and of everything above it; the one nearest to the command wins. */
function rawGlobals(command: Command): Record<string, RawValue> {
  const keys = new Map(
    Object.entries(GLOBAL_OPTIONS).map(([key, spec]) => [key, new Option(spec.flags).attributeName()]),
  );
  const above = command.parent === null ? {} : rawGlobals(command.parent);
  return { ...above, ...rawOptions(command, keys) };
}

/** `kmk help topic list` is `kmk topic list --help`. */
function rewriteHelp(argv: readonly string[]): string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : [...argv];
}
