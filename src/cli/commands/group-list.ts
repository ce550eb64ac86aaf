import { listGroups } from '../../app/groups/list-groups.ts';
import type { GroupCarriage } from '../../domain/group-carriage.ts';
import type { GroupsDocument } from '../../domain/listing-documents.ts';
import { warnUnreachable } from '../cluster-notes.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { groupListOptions } from '../definitions/groups.ts';
import type { Cell, Column } from '../table.ts';
import { table } from '../table.ts';

export async function run(
  { options }: CommandInput<typeof groupListOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const document = await listGroups(lab, options, context.signal);
  warnUnreachable(document.clusters, context.events);
  return { document, human: () => groupsText(document) };
}

/** A row per group: its state, members and lag on each cluster, "?" where that is not known. */
export function groupsText({ clusters, groups }: GroupsDocument): string {
  if (groups.length === 0) return 'no consumer groups, make one with `kmk consume --topic NAME --group NAME`';
  const columns: readonly Column[] = [
    { title: 'group' },
    ...clusters.flatMap(({ alias }) => [
      { title: `on ${alias}` },
      { title: 'type' },
      { title: 'members', numeric: true },
      { title: 'lag', numeric: true },
    ]),
    { title: 'by MM2' },
  ];
  const rows = groups.map(({ group, on, carriage = [] }): Cell[] => [
    group,
    ...clusters.flatMap(({ alias, reachable }): Cell[] => {
      const there = on.find(({ cluster }) => cluster === alias);
      if (there === undefined) return [reachable ? '-' : '?', '', '', ''];
      return [there.state, there.type, String(there.members), String(there.lag)];
    }),
    carriage.map(carriageText).join('; '),
  ]);
  return table(columns, rows);
}

function carriageText({ flow, checkpointed, reason }: GroupCarriage): string {
  return checkpointed ? `carried by ${flow}` : `not carried by ${flow}: ${reason ?? 'no reason is known'}`;
}
