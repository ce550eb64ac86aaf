import { listTopics } from '../../app/topics/list-topics.ts';
import type { TopicsDocument } from '../../domain/listing-documents.ts';
import { warnUnreachable } from '../cluster-notes.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { topicListOptions } from '../definitions/topics.ts';
import type { Cell } from '../table.ts';
import { table } from '../table.ts';

export async function run(
  { options }: CommandInput<typeof topicListOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const document = await listTopics(lab, options, context.signal);
  warnUnreachable(document.clusters, context.events);
  return { document, human: () => topicsText(document) };
}

/** A row per topic: its name, partitions and records on each cluster, "?" where that is not known. */
export function topicsText({ clusters, topics }: TopicsDocument): string {
  if (topics.length === 0) return 'no topics, create one with `kmk produce --topic NAME`';
  const columns = clusters.flatMap(({ alias }) => [
    { title: `on ${alias}` },
    { title: 'partitions', numeric: true },
    { title: 'records', numeric: true },
  ]);
  const rows = topics.map(({ copies }) =>
    clusters.flatMap(({ alias, reachable }): Cell[] => {
      const copy = copies.find(({ cluster }) => cluster === alias);
      if (copy === undefined) return [reachable ? '-' : '?', '', ''];
      return [copy.topic, String(copy.partitions), String(copy.records)];
    }),
  );
  return table(columns, rows);
}
