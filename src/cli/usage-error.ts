import type { Command, CommanderError } from 'commander';
import { KmkError } from '../domain/errors.ts';
import { longFlag } from './option.ts';
import { nearestName } from '../util/nearest.ts';

/** A usage error of the argument parser in kmk's words: lowercase, the wrong word in double quotes, hints apart. */
export function usageError(error: CommanderError, command: Command): KmkError {
  const path = pathOf(command);
  const help = `Run \`${path} --help\` for its usage.`;
  const [first = ''] = error.message.replace(/^error: /, '').split('\n');
  if (error.code === 'commander.unknownCommand' || error.code === 'commander.helpDisplayed') {
    return unknownCommand(command, help);
  }
  if (error.code === 'commander.excessArguments') {
    const extra = command.args[command.registeredArguments.length] ?? '';
    return new KmkError('KMK_USAGE', `unexpected argument "${extra}" for \`${path}\``, { hints: [help] });
  }
  if (error.code === 'commander.optionMissingArgument') {
    const flag = longFlag(/'(.*)'/.exec(first)?.[1] ?? first);
    return new KmkError('KMK_USAGE', `option ${flag} needs a value`, { hints: [help] });
  }
  const similar = /\(Did you mean (?:one of )?(.*)\?\)/.exec(error.message)?.[1];
  const hints = similar === undefined ? [help] : [`Did you mean ${quoted(similar)}?`, help];
  return new KmkError('KMK_USAGE', first.replaceAll("'", '"'), { hints });
}

function unknownCommand(command: Command, help: string): KmkError {
  const typed = command.args[0] ?? '';
  const names = command.commands.map((child) => child.name());
  const begun = typed.length > 2 ? names.find((name) => name.startsWith(typed) || typed.startsWith(name)) : undefined;
  const close = begun ?? nearestName(typed, names);
  const hints = close === null ? [help] : [`Did you mean \`${pathOf(command)} ${close}\`?`, help];
  return new KmkError('KMK_USAGE', `unknown command "${typed}"`, { hints });
}

function quoted(words: string): string {
  return words
    .split(', ')
    .map((word) => `\`${word}\``)
    .join(' or ');
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
