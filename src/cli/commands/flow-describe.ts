import { describeFlow } from '../../app/flows/describe-flow.ts';
import { findFlow } from '../../app/flows/find-flow.ts';
import type { FlowDocument } from '../../domain/listing-documents.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import type { flowArgs } from '../definitions/flows.ts';
import type { Paint } from '../paint.ts';
import { flowsTable } from '../status-text.ts';
import { table } from '../table.ts';

export async function run(
  { args }: CommandInput<None, typeof flowArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const document = await describeFlow(lab, findFlow(lab, args.flow), context.signal);
  return { document, human: () => flowText(document, context.paint) };
}

/** The flow, its connectors and tasks, positions, then whole traces. */
export function flowText({ flow, traces, partitions, limits }: FlowDocument, paint: Paint): string {
  const titles = (...names: readonly string[]) => names.map((title) => ({ title }));
  const connectors = flow.connectors.flatMap(({ name, state, tasks }) => [
    [name, '-', state],
    ...tasks.map((task) => [name, String(task.id), task.state]),
  ]);
  const numbers = ['partition', 'position', 'end', 'lag'].map((title) => ({ title, numeric: true }));
  const positions = partitions?.map(({ topic, partition, position, end, lag }) => [
    topic,
    String(partition),
    position,
    end,
    String(lag),
  ]);
  return [
    flowsTable([flow], paint),
    ...(connectors.length === 0 ? [] : [table(titles('connector', 'task', 'state'), connectors)]),
    positions === undefined
      ? 'positions: not known, the source, the target or the worker does not answer'
      : table([{ title: 'topic' }, ...numbers], positions),
    ...traces.map(({ connector, task, trace }) => {
      const where = task === null ? connector : `${connector} task ${task}`;
      return `${paint.bad(where)}:\n${trace.trimEnd()}`;
    }),
    ...limits.map((limit) => paint.warn(limit)),
  ].join('\n\n');
}
