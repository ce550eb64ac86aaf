import { createTopic } from '../../app/topics/create-topic.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { topicCreateArgs, topicCreateOptions } from '../definitions/topics.ts';
import { humanCount } from '../human-amount.ts';
import { named } from '../named.ts';

export async function run(
  { args, options }: CommandInput<typeof topicCreateOptions, typeof topicCreateArgs>,
  context: CommandContext,
): Promise<CommandResult> {
  const topic = named(args.topic, options.topic, 'topic');
  const app = await context.app();
  const { partitions, replicationFactor, cluster, ifNotExists } = options;
  const request = {
    ...{ topic, partitions, replicationFactor, cluster, ifMissing: ifNotExists },
    config: Object.fromEntries(options.config),
  };
  const document = await app.run(async (run) => createTopic(await app.requireLab(run.tools), request, context.signal));
  const on = `"${topic}" on "${document.cluster}"`;
  const human =
    document.created.length === 0
      ? `${on} exists already, nothing changed`
      : `created ${on} with ${humanCount(partitions, 'partition')}`;
  return { document, human };
}
