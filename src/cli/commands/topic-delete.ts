import { deleteTopics, planDeletion } from '../../app/topics/delete-topics.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { topicDeleteArgs, topicDeleteOptions } from '../definitions/topics.ts';
import { humanCount } from '../human-amount.ts';

/** Shows what would go, asks, and deletes. */
export async function run(
  { args, options }: CommandInput<typeof topicDeleteOptions, typeof topicDeleteArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const topics = [...args.topics, ...options.topics];
  const app = await context.app();
  const plan = await planDeletion(await app.requireLab(), { topics, cluster: options.cluster }, context.signal);
  const lines = plan.topics.map(
    ({ topic, partitions, records }) =>
      `delete "${topic}" on "${plan.cluster}": ${humanCount(partitions, 'partition')}, ${humanCount(records, 'record')}`,
  );
  if (options.dryRun) {
    const document = {
      schema: 'kmk.topic-change/v1',
      cluster: plan.cluster,
      created: [],
      deleted: [],
      planned: topics,
    };
    return { document, human: `would ${lines.join('\nwould ')}` };
  }
  const advice = 'Copies on other clusters stay. Delete them too before you use the name again.';
  await context.confirm.confirm({ text: `Delete ${humanCount(topics.length, 'topic')}?`, lines: [...lines, advice] });
  const document = await app.run(async (run) => deleteTopics(await app.requireLab(run.tools), plan, context.signal));
  return { document, human: document.deleted.map((topic) => `deleted "${topic}" on "${plan.cluster}"`).join('\n') };
}
