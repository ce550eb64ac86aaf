import { showOffsets } from '../../app/offsets/show-offsets.ts';
import type { OffsetsDocument, PartitionOffsets } from '../../domain/documents.ts';
import { lastSeenAt } from '../../domain/watch/samples.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { offsetsShowOptions } from '../definitions/offsets.ts';
import type { Paint } from '../paint.ts';
import type { Cell } from '../table.ts';
import { table } from '../table.ts';

export async function run(
  { options }: CommandInput<typeof offsetsShowOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const { document, unreachable } = await showOffsets(lab, { groups: options.group }, context.signal);
  for (const alias of unreachable) {
    const text = `"${alias}" does not answer: committed is what its last checkpoint knew${seenText(document)}`;
    context.events.emit('warning', { text });
  }
  return { document, human: () => offsetsText(document, context.paint) };
}

function seenText({ groups }: OffsetsDocument): string {
  const seenAt = lastSeenAt(groups);
  return seenAt === null ? '' : `, or a watch saw there, last at ${seenAt}`;
}

const NUMERIC = ['committed', 'checkpoint', 'on target', 'exact', 'best', 'bound'];
const COLUMNS = ['topic', 'remote topic', 'partition', ...NUMERIC, 'proof', 'verdict', 'behind', 'reason'].map(
  (title) => ({
    title,
    numeric: ['partition', 'behind', ...NUMERIC].includes(title),
  }),
);

/** Without a bound a position says nothing of how short it may be. */
function boundText({ best, bound }: PartitionOffsets): string {
  if (bound !== null) return String(bound);
  return best === null ? '-' : 'unknown';
}

/** A table per group. */
export function offsetsText({ groups }: OffsetsDocument, paint: Paint): string {
  if (groups.length === 0) return 'no group has a position on a topic that a flow copies';
  const tones = {
    exact: paint.good,
    behind: paint.good,
    ahead: paint.bad,
    untranslatable: paint.warn,
    missing: paint.warn,
  };
  const blocks = groups.map(({ group, type, state, partitions, carriage = [] }) => {
    const rows = partitions.map((at): readonly Cell[] => [
      at.topic,
      at.remoteTopic,
      String(at.partition),
      at.committed ?? '-',
      at.checkpoint ?? '-',
      at.targetCommitted ?? '-',
      at.exact ?? '-',
      at.best ?? '-',
      boundText(at),
      at.proof ?? '-',
      { text: at.verdict, paint: tones[at.verdict] },
      at.behindBy === null ? '-' : String(at.behindBy),
      at.reason ?? '',
    ]);
    const head = `${paint.strong(group)} (${type}, ${state} on the target)`;
    const notes = carriage.flatMap(({ flow, checkpointed, reason }) =>
      checkpointed ? [] : [`  MM2 does not carry it by ${flow}: ${reason ?? 'no reason is known'}`],
    );
    return [head, ...notes, ...(rows.length === 0 ? ['  no position on a copy'] : [table(COLUMNS, rows)])].join('\n');
  });
  return blocks.join('\n\n');
}
