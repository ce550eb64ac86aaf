import { showOffsets } from '../../app/offsets/show-offsets.ts';
import type { OffsetsDocument } from '../../domain/documents.ts';
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
    const text = `"${alias}" does not answer: committed is what its last checkpoint knew`;
    context.events.emit('warning', { text });
  }
  return { document, human: () => offsetsText(document, context.paint) };
}

const NUMERIC = ['committed', 'checkpoint', 'on target', 'exact', 'best', 'bound'];
const COLUMNS = ['topic', 'remote topic', 'partition', ...NUMERIC, 'proof', 'verdict', 'behind', 'reason'].map(
  (title) => ({
    title,
    numeric: ['partition', 'behind', ...NUMERIC].includes(title),
  }),
);

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
  const blocks = groups.map(({ group, type, state, partitions }) => {
    const rows = partitions.map((at): readonly Cell[] => [
      at.topic,
      at.remoteTopic,
      String(at.partition),
      at.committed ?? '-',
      at.checkpoint ?? '-',
      at.targetCommitted ?? '-',
      at.exact ?? '-',
      at.best ?? '-',
      at.bound === null ? '-' : String(at.bound),
      at.proof ?? '-',
      { text: at.verdict, paint: tones[at.verdict] },
      at.behindBy === null ? '-' : String(at.behindBy),
      at.reason ?? '',
    ]);
    return `${paint.strong(group)} (${type}, ${state} on the target)\n${table(COLUMNS, rows)}`;
  });
  return blocks.join('\n\n');
}
