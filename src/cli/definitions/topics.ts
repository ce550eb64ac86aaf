import { KmkError } from '../../domain/errors.ts';
import { isTopicName } from '../../domain/topic.ts';
import { defineCommand } from '../define-command.ts';
import { topicName } from '../kafka-parsers.ts';
import { named } from '../named.ts';
import { argument, flag, restArguments, value, values } from '../option.ts';
import { keyValue, wholeNumber } from '../value-parsers.ts';
import { clusterOption } from './records.ts';

const topicOption = value('-t, --topic <name>', 'the topic, instead of the argument', { parser: topicName });

export const topicListOptions = { all: flag('-a, --all', "show Kafka's, MM2's and kmk's own topics, too") };

export const topicList = defineCommand({
  name: 'topic list',
  summary: 'list the topics of both clusters, copies beside their originals',
  options: topicListOptions,
  examples: ['kmk topic list', 'kmk topic list --all', 'kmk topic list -o json'],
  needs: 'lab',
  handler: () => import('../commands/topic-list.ts'),
});

export const topicDescribeArgs = { topic: argument('[topic]', 'topic, or a copy of it', topicName) };
export const topicDescribeOptions = { topic: topicOption };

export const topicDescribe = defineCommand({
  name: 'topic describe',
  summary: 'show partitions, leaders, offsets and overrides of a topic and its copies',
  args: topicDescribeArgs,
  options: topicDescribeOptions,
  examples: ['kmk topic describe orders', 'kmk topic describe --topic primary.orders -o json'],
  needs: 'lab',
  validate: ({ args, options }) => void named(args.topic, options.topic, 'topic'),
  handler: () => import('../commands/topic-describe.ts'),
});

export const topicCreateArgs = { topic: argument('[topic]', 'its name', topicName) };
export const topicCreateOptions = {
  topic: topicOption,
  partitions: value('--partitions <n>', 'how many partitions', {
    parser: wholeNumber({ min: 1, max: 10_000 }),
    default: 3,
  }),
  replicationFactor: value('--replication-factor <n>', 'how many replicas (default: 3, or as many as brokers)', {
    parser: wholeNumber({ min: 1, max: 100 }),
  }),
  config: values('--topic-config <key=value>', 'setting of the topic, such as retention.ms=60000; repeatable', {
    parser: keyValue,
  }),
  ifNotExists: flag('--if-not-exists', 'an existing topic is no error'),
  cluster: clusterOption,
};

export const topicCreate = defineCommand({
  name: 'topic create',
  summary: 'create a topic on the active cluster',
  description: 'Flows copy it by themselves: do not create copies by hand.',
  args: topicCreateArgs,
  options: topicCreateOptions,
  examples: [
    'kmk topic create orders',
    'kmk topic create orders --partitions 6 --topic-config cleanup.policy=compact',
    'kmk topic create --topic orders --if-not-exists',
  ],
  needs: 'lab',
  validate: ({ args, options }) => void named(args.topic, options.topic, 'topic'),
  handler: () => import('../commands/topic-create.ts'),
});

export const topicDeleteArgs = { topics: restArguments('[topics...]', 'their names') };
export const topicDeleteOptions = {
  topics: values('-t, --topic <name>', 'a topic, instead of or besides the arguments; repeatable', {
    parser: topicName,
  }),
  cluster: clusterOption,
  dryRun: flag('--dry-run', 'show what would be deleted and change nothing'),
};

export const topicDelete = defineCommand({
  name: 'topic delete',
  summary: 'delete topics with all their records',
  description: 'On the active cluster unless --cluster says otherwise. Copies on other clusters stay.',
  args: topicDeleteArgs,
  options: topicDeleteOptions,
  examples: ['kmk topic delete orders', 'kmk topic delete primary.orders --cluster standby --yes'],
  needs: 'lab',
  asks: true,
  validate({ args, options }) {
    if (args.topics.length + options.topics.length === 0) throw new KmkError('KMK_USAGE', 'name at least one topic');
    const wrong = args.topics.find((topic) => !isTopicName(topic));
    if (wrong !== undefined) throw new KmkError('KMK_USAGE', `${JSON.stringify(wrong)} is not a topic name`);
  },
  handler: () => import('../commands/topic-delete.ts'),
});
