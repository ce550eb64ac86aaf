import type { Setup } from '../domain/setup.ts';
import type { FlagValues } from './cli-services.ts';
import type { CommandContext } from './command-context.ts';
import type { ArgumentSpec, OptionSpec } from './option.ts';

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec<unknown>>>;

/** The values behind the specs: what a handler reads. */
export type OptionValues<O> = { readonly [K in keyof O]: O[K] extends OptionSpec<infer T> ? T : never };
export type ArgumentValues<A> = { readonly [K in keyof A]: A[K] extends ArgumentSpec<infer T> ? T : never };

/** No options, or no arguments. */
export type None = Readonly<Record<string, OptionSpec<never> & ArgumentSpec<never>>>;

export interface CommandInput<O, A = None> {
  readonly options: OptionValues<O>;
  readonly args: ArgumentValues<A>;
}

/** What a command answers with. Nothing of it is printed before the handler returns. */
export interface CommandResult {
  /** The JSON document for `-o json|yaml`; begins with `schema`. */
  readonly document?: object;
  /** For people, without a trailing line break. Printed in every format when there is no document. */
  readonly human?: string | (() => string);
  /** Default 0, or the error's. */
  readonly exitCode?: number;
  /** Shown on stderr after the result: an answer that is also a failure (fewer records than asked for, ...). */
  readonly error?: Error;
}

/** The implementation, exported as `run` by the lazily imported module. */
export interface CommandModule<O, A> {
  readonly run: (input: CommandInput<O, A>, context: CommandContext) => Promise<CommandResult>;
}

/** What is known when the framework decides whether to ask. */
export interface AskRequest<O, A> extends CommandInput<O, A> {
  /** null for commands that need no config. */
  readonly setup: Setup | null;
}

export interface CommandSpec<O, A> {
  /** `status`, or noun and verb: `topic list`. */
  readonly name: string;
  /** One line, imperative, no full stop. */
  readonly summary: string;
  /** More help, shown under the usage line. */
  readonly description?: string;
  /** Positional arguments in the order of the object. */
  readonly args?: A;
  readonly options?: O;
  /** Whole command lines, first the plain one. */
  readonly examples: readonly string[];
  /**
   * nothing: no config is read. config: a wrong config is exit 3 before anything else. lab: a deployed lab, too
   * (checked after the question of `--yes`).
   */
  readonly needs: 'nothing' | 'config' | 'lab';
  /** `--timeout` is of what the command waits for, and not of the whole command. */
  readonly waits?: boolean;
  /** Whether this call has to be confirmed; never with dryRun or planOut among the options. */
  readonly asks?: boolean | ((request: AskRequest<O, A>) => boolean);
  /** `-o jsonl` is allowed. */
  readonly jsonl?: boolean;
  /** Everything after the first argument is passed on as it is, options too. */
  readonly passThrough?: boolean;
  /** Prints as it goes: it stops, without an error, when the reader of stdout has gone. */
  readonly streams?: boolean;
  /** Settings of kmk.yaml that options of this command override, by their path: `{ runtime: options.runtime }`. */
  readonly configFlags?: (input: CommandInput<O, A>) => FlagValues;
  /** Extra rules of usage (exit 2), checked before anything is read. */
  readonly validate?: (input: CommandInput<O, A>) => void;
  readonly handler: () => Promise<CommandModule<NoInfer<O>, NoInfer<A>>>;
}

/** A command with its types erased: what the program tree, help and completion work with. */
export type CommandDefinition = CommandSpec<OptionSpecs, ArgumentSpecs>;

/**
 * Declares a command. The file that calls this must stay cheap to import: everything heavy belongs into the module
 * that `handler` imports. Keep `options` and `args` in constants of their own, so that the handler module can say
 * `CommandInput<typeof options, typeof args>`.
 */
export function defineCommand<const O extends OptionSpecs = None, const A extends ArgumentSpecs = None>(
  command: CommandSpec<O, A>,
): CommandDefinition {
  return command as unknown as CommandDefinition;
}
