import { describeGroup } from '../../app/groups/describe-group.ts';
import type { GroupDocument } from '../../domain/listing-documents.ts';
import { warnUnreachable } from '../cluster-notes.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { groupDescribeArgs, groupDescribeOptions } from '../definitions/groups.ts';
import { humanCount } from '../human-amount.ts';
import { named } from '../named.ts';
import type { Paint } from '../paint.ts';
import { table } from '../table.ts';

export async function run(
  { args, options }: CommandInput<typeof groupDescribeOptions, typeof groupDescribeArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const group = named(args.group, options.group, 'group');
  const lab = await (await context.app()).requireLab();
  const document = await describeGroup(lab, group, context.signal);
  warnUnreachable(document.clusters, context.events);
  return { document, human: () => groupText(document, context.paint) };
}

const COLUMNS = [
  { title: 'topic' },
  ...['partition', 'committed', 'end', 'lag'].map((title) => ({ title, numeric: true })),
];

/** A block per cluster: state, members, commits. */
export function groupText({ group, on }: GroupDocument, paint: Paint): string {
  const blocks = on.map((there) => {
    const head = `${paint.strong(group)} on ${paint.strong(there.cluster)}`;
    if (!there.exists) return `${head}: no such group`;
    const members = there.members.map(({ clientId, host }) => `  member ${clientId} at ${host}`);
    const rows = there.partitions.map(({ topic, partition, committed, end, lag }) => [
      topic,
      String(partition),
      committed,
      end ?? 'gone',
      lag === null ? '-' : String(lag),
    ]);
    const commits = rows.length === 0 ? 'no commits' : table(COLUMNS, rows);
    const count = humanCount(there.members.length, 'member');
    return [`${head}: ${there.state}, ${there.type}, ${count}`, ...members, commits].join('\n');
  });
  return blocks.join('\n\n');
}
