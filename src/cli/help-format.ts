import type { Command, Help } from 'commander';

/** Help in kmk's order: usage, description, commands, arguments, options of the command, global options. */
export function formatHelp(command: Command, helper: Help): string {
  const width = helper.padWidth(command, helper);
  const items = (entries: readonly (readonly [string, string])[]): string[] =>
    entries.map(([term, text]) => helper.formatItem(term, width, text, helper));
  const list = (heading: string, entries: readonly (readonly [string, string])[]): string[] =>
    entries.length === 0 ? [] : [heading, ...items(entries), ''];

  const description = helper.commandDescription(command);
  const wrapped = description === '' ? [] : [helper.boxWrap(description, helper.helpWidth ?? 80), ''];
  const commands = helper
    .visibleCommands(command)
    .map((child) => [child.name(), helper.subcommandDescription(child)] as const);
  const args = helper.visibleArguments(command).map((arg) => [arg.name(), helper.argumentDescription(arg)] as const);
  const options = helper.visibleOptions(command).map((option) => ({
    heading: option.helpGroupHeading ?? 'Options:',
    entry: [helper.optionTerm(option), helper.optionDescription(option)] as const,
  }));
  const under = (heading: string) => options.filter((o) => o.heading === heading).map((o) => o.entry);
  return [
    `Usage: ${helper.commandUsage(command)}`,
    '',
    ...wrapped,
    ...list('Commands:', commands),
    ...list('Arguments:', args),
    ...list('Options:', under('Options:')),
    ...list(GLOBAL_HEADING, under(GLOBAL_HEADING)),
  ].join('\n');
}

export const GLOBAL_HEADING = 'Global options:';
