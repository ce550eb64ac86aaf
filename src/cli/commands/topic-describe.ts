import { describeTopic } from '../../app/topics/describe-topic.ts';
import type { TopicDocument } from '../../domain/listing-documents.ts';
import { warnUnreachable } from '../cluster-notes.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { topicDescribeArgs, topicDescribeOptions } from '../definitions/topics.ts';
import { humanCount } from '../human-amount.ts';
import { named } from '../named.ts';
import type { Paint } from '../paint.ts';
import { table } from '../table.ts';

export async function run(
  { args, options }: CommandInput<typeof topicDescribeOptions, typeof topicDescribeArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const topic = named(args.topic, options.topic, 'topic');
  const lab = await (await context.app()).requireLab();
  const document = await describeTopic(lab, topic, context.signal);
  warnUnreachable(document.clusters, context.events);
  return { document, human: () => topicText(document, context.paint) };
}

/** A block per cluster that has the topic or a copy. */
export function topicText({ copies }: TopicDocument, paint: Paint): string {
  const columns = ['partition', 'leader', 'replicas', 'in sync', 'start', 'end', 'records'].map((title) => ({
    title,
    numeric: true,
  }));
  const blocks = copies.map(({ cluster, topic, replicationFactor, config, partitions }) => {
    const replicas = humanCount(replicationFactor, 'replica');
    const head = `${paint.strong(topic)} on ${paint.strong(cluster)}: ${humanCount(partitions.length, 'partition')}, ${replicas}`;
    const overrides = Object.entries(config).map(([key, value]) => `  ${key}=${value}`);
    const rows = partitions.map((at) => [
      String(at.partition),
      at.leader < 0 ? 'none' : String(at.leader),
      at.replicas.join(','),
      at.isr.join(','),
      at.start,
      at.end,
      String(BigInt(at.end) - BigInt(at.start)),
    ]);
    return [head, ...overrides, table(columns, rows)].join('\n');
  });
  return blocks.join('\n\n');
}
