import { translateGroup, translatePosition } from '../../app/offsets/translate-offsets.ts';
import type { OffsetsDocument, PartitionOffsets } from '../../domain/documents.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { offsetsTranslateOptions } from '../definitions/offsets.ts';
import { offsetsText } from './offsets-show.ts';

type Options = CommandInput<typeof offsetsTranslateOptions>['options'];

export async function run(
  { options }: CommandInput<typeof offsetsTranslateOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const { group } = options;
  if (group === undefined) {
    const document = await translatePosition(lab, positionOf(options), context.signal);
    return { document, human: () => translationText(document) };
  }
  const { topic, partition, direction = 'forward' } = options;
  const document = await translateGroup(lab, { group, topic, partition, direction }, context.signal);
  return { document, human: () => offsetsText(document, context.paint) };
}

/** The definition has seen to it that all three are given. */
function positionOf({ topic = '', partition = 0, offset = 0n, direction }: Options) {
  return { topic, partition, offset, direction };
}

/** A sentence for each flow that has the topic. */
export function translationText({ groups }: OffsetsDocument): string {
  return groups.flatMap(({ partitions }) => partitions.map(sentence)).join('\n');
}

function sentence(at: PartitionOffsets): string {
  const [from, to] = at.direction === 'forward' ? [at.topic, at.remoteTopic] : [at.remoteTopic, at.topic];
  const start = `${from}-${at.partition} at ${at.committed ?? '-'}`;
  if (at.best === null) return `${start} has no translation: ${at.reason ?? 'no reason is known'}`;
  const found = `${start} is ${to}-${at.partition} at ${at.best}`;
  if (at.exact !== null) return `${found}: exact, proved by ${at.proof ?? '-'}`;
  const bound = at.bound === null ? 'an unknown number of' : `up to ${at.bound}`;
  return `${found}: conservative, ${bound} records before the exact position`;
}
