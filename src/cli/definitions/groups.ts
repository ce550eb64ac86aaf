import { KmkError } from '../../domain/errors.ts';
import { defineCommand } from '../define-command.ts';
import { instant, isoDuration, resetScope, shift } from '../kafka-parsers.ts';
import { named } from '../named.ts';
import { argument, flag, value, values } from '../option.ts';
import { nonEmptyText, offset } from '../value-parsers.ts';
import { clusterOption } from './records.ts';

const groupOption = value('-g, --group <name>', 'the group, instead of the argument', { parser: nonEmptyText });

export const groupListOptions = { all: flag('-a, --all', 'show the groups of Connect workers, too') };

export const groupList = defineCommand({
  name: 'group list',
  summary: 'list the consumer groups of both clusters side by side',
  options: groupListOptions,
  examples: ['kmk group list', 'kmk group list -o json'],
  needs: 'lab',
  handler: () => import('../commands/group-list.ts'),
});

export const groupDescribeArgs = { group: argument('[group]', 'its name', nonEmptyText) };
export const groupDescribeOptions = { group: groupOption };

export const groupDescribe = defineCommand({
  name: 'group describe',
  summary: "show a group's members, commits and lag on both clusters",
  args: groupDescribeArgs,
  options: groupDescribeOptions,
  examples: ['kmk group describe billing', 'kmk group describe --group billing -o json'],
  needs: 'lab',
  validate: ({ args, options }) => void named(args.group, options.group, 'group'),
  handler: () => import('../commands/group-describe.ts'),
});

export const groupResetArgs = { group: argument('[group]', 'its name', nonEmptyText) };
export const groupResetOptions = {
  group: groupOption,
  topics: values('-t, --topic <topic[:partitions]>', 'what to reset: orders, or orders:0,2; repeatable', {
    parser: resetScope,
  }),
  allTopics: flag('--all-topics', 'every topic the group has a commit on'),
  toEarliest: flag('--to-earliest', 'to the first record'),
  toLatest: flag('--to-latest', 'to the end'),
  toCurrent: flag('--to-current', 'to where it is, or the end without a commit'),
  toOffset: value('--to-offset <offset>', 'to this offset', { parser: offset }),
  shiftBy: value('--shift-by <n>', 'forward, or with a minus backward, from where it is', { parser: shift }),
  toDatetime: value('--to-datetime <time>', 'to the first record at or after this time', { parser: instant }),
  byDuration: value('--by-duration <time>', 'to the first record of the last PT1H, 1h, ...', { parser: isoDuration }),
  toCheckpoint: flag('--to-checkpoint', "on the target: to MM2's last checkpoint of the group"),
  toExact: flag('--to-exact', "on the target: to the proved position of the group's commit on the source"),
  acceptBest: flag('--accept-best', 'with --to-exact: where nothing is proved, to the best position, which re-reads'),
  cluster: clusterOption,
  dryRun: flag('--dry-run', 'show the new offsets and change nothing'),
};

const TARGETS = [
  ['toEarliest', '--to-earliest'],
  ['toLatest', '--to-latest'],
  ['toCurrent', '--to-current'],
  ['toOffset', '--to-offset'],
  ['shiftBy', '--shift-by'],
  ['toDatetime', '--to-datetime'],
  ['byDuration', '--by-duration'],
  ['toCheckpoint', '--to-checkpoint'],
  ['toExact', '--to-exact'],
] as const;

export const groupReset = defineCommand({
  name: 'group reset',
  summary: "set a group's offsets, as kafka-consumer-groups does",
  description:
    'The group must have no live members. On the active cluster unless --cluster says otherwise, with --to-checkpoint and --to-exact on the target; an offset outside of the log becomes the nearer end.',
  args: groupResetArgs,
  options: groupResetOptions,
  examples: [
    'kmk group reset billing --topic orders --to-earliest',
    'kmk group reset billing --topic orders:0,2 --to-offset 500',
    'kmk group reset billing --all-topics --shift-by=-10',
    'kmk group reset billing --all-topics --to-datetime 2026-11-21T09:30:00Z --dry-run',
    'kmk group reset billing --all-topics --by-duration PT1H',
    'kmk group reset billing --all-topics --to-checkpoint',
    'kmk group reset billing --topic primary.orders --to-exact',
  ],
  needs: 'lab',
  asks: true,
  validate({ args, options }) {
    named(args.group, options.group, 'group');
    const given = TARGETS.filter(([key]) => options[key] !== undefined && options[key] !== false);
    const names = (given.length === 0 ? TARGETS : given).map(([, name]) => name).join(', ');
    if (given.length === 0) throw new KmkError('KMK_USAGE', `say where to: one of ${names}`);
    if (given.length > 1) throw new KmkError('KMK_USAGE', `options ${names} exclude each other`);
    if (options.acceptBest && !options.toExact)
      throw new KmkError('KMK_USAGE', 'option --accept-best needs --to-exact');
    if (options.allTopics === options.topics.length > 0) {
      throw new KmkError('KMK_USAGE', 'say what to reset: either --topic (repeatable) or --all-topics');
    }
  },
  handler: () => import('../commands/group-reset.ts'),
});
