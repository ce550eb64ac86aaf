import type { ResetPlan, ResetRequest } from '../../app/groups/reset-group.ts';
import { planReset, resetDocument, resetGroup } from '../../app/groups/reset-group.ts';
import type { ResetTarget } from '../../domain/group-reset.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { groupResetArgs, groupResetOptions } from '../definitions/groups.ts';
import { epochMs } from '../kafka-parsers.ts';
import { named } from '../named.ts';
import { table } from '../table.ts';

type Options = CommandInput<typeof groupResetOptions>['options'];

/** Shows the new offsets, asks, commits them and reads them back. */
export async function run(
  { args, options }: CommandInput<typeof groupResetOptions, typeof groupResetArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const request: ResetRequest = {
    group: named(args.group, options.group, 'group'),
    cluster: options.cluster,
    topics: options.allTopics ? null : options.topics,
    to: targetOf(options, app.tools.clock.now()),
  };
  const plan = await planReset(await app.requireLab(), request, context.signal);
  for (const text of plan.warnings) context.events.emit('warning', { text });
  if (options.dryRun) return { document: resetDocument(plan, false), human: () => resetText(plan) };
  await context.confirm.confirm({
    text: `Reset group "${plan.group}" on "${plan.cluster}"?`,
    lines: resetText(plan).split('\n'),
  });
  const document = await app.run(async (run) => resetGroup(await app.requireLab(run.tools), plan, context.signal));
  return { document, human: () => `${resetText(plan)}\n\ncommitted and read back on "${plan.cluster}"` };
}

function targetOf(options: Options, nowMs: number): ResetTarget {
  if (options.toOffset !== undefined) return { kind: 'offset', offset: options.toOffset };
  if (options.shiftBy !== undefined) return { kind: 'shift', by: options.shiftBy };
  if (options.toDatetime !== undefined) return { kind: 'time', atMs: epochMs(options.toDatetime, nowMs) };
  if (options.byDuration !== undefined) return { kind: 'time', atMs: nowMs - options.byDuration };
  if (options.toCheckpoint) return { kind: 'checkpoint' };
  if (options.toExact) return { kind: 'exact', acceptBest: options.acceptBest };
  if (options.toLatest) return { kind: 'latest' };
  return { kind: options.toCurrent ? 'current' : 'earliest' };
}

/** The moves as a table. */
export function resetText(plan: ResetPlan): string {
  const columns = [
    { title: 'topic' },
    ...['partition', 'offset', 'new offset'].map((title) => ({ title, numeric: true })),
  ];
  const rows = plan.moves.map(({ topic, partition, previous, offset }) => [
    topic,
    String(partition),
    previous?.toString() ?? 'none',
    offset.toString(),
  ]);
  return table(columns, rows);
}
