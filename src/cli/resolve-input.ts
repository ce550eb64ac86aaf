import { KmkError } from '../domain/errors.ts';
import type { ArgumentSpecs, CommandDefinition, CommandInput, OptionSpecs } from './define-command.ts';
import { GLOBAL_OPTIONS, type GlobalOptions } from './global-options.ts';
import { longFlag, type RawValue } from './option.ts';
import type { ParsedCall } from './program.ts';
import type { CliIo } from './streams.ts';

type Raw = Readonly<Record<string, RawValue>>;

/** The command's own options and arguments, converted and checked. Throws KMK_USAGE. */
export function resolveInput(call: ParsedCall, env: CliIo['env']): CommandInput<OptionSpecs, ArgumentSpecs> {
  return withHelpHint(call.definition, () => readInput(call, env));
}

function readInput(call: ParsedCall, env: CliIo['env']): CommandInput<OptionSpecs, ArgumentSpecs> {
  const { definition } = call;
  const options = readOptions(definition.options ?? {}, call.options, env);
  const args = Object.fromEntries(
    Object.entries(definition.args ?? {}).map(([key, spec]) => [
      key,
      spec.read(call.args[key], `argument ${spec.usage}`),
    ]),
  );
  const input = { options, args };
  definition.validate?.(input);
  return input;
}

/** The global options. Throws KMK_USAGE for wrong values, also in KMK_* variables. */
export function resolveGlobals(raw: Raw, env: CliIo['env'], definition: CommandDefinition): GlobalOptions {
  const globals = withHelpHint(definition, () => readOptions(GLOBAL_OPTIONS, raw, env)) as unknown as GlobalOptions;
  if (globals.output === 'jsonl' && definition.jsonl !== true) {
    throw new KmkError('KMK_USAGE', `\`kmk ${definition.name}\` has no output format "jsonl"`, {
      hints: ['Use `-o json` or `-o yaml`.'],
    });
  }
  return globals;
}

/** Every usage error says where the right usage is. */
function withHelpHint<T>(definition: CommandDefinition, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!KmkError.is(error) || error.kind !== 'usage') throw error;
    const hints = [...error.hints, `Run \`kmk ${definition.name} --help\` for its usage.`];
    throw new KmkError(error.code, error.message, { hints, context: error.context });
  }
}

/** Flag, else environment variable, else default. */
function readOptions(specs: OptionSpecs, raw: Raw, env: CliIo['env']): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, spec] of Object.entries(specs)) {
    const typed = raw[key];
    const fromEnv = spec.env === undefined ? undefined : env[spec.env];
    if (typed === undefined && fromEnv !== undefined && fromEnv !== '') {
      values[key] = spec.read(fromEnv, `variable ${spec.env ?? ''}`);
    } else {
      values[key] = spec.read(typed, `option ${longFlag(spec.flags)}`);
    }
  }
  return values;
}
