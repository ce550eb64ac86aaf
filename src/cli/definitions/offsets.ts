import { KmkError } from '../../domain/errors.ts';
import { defineCommand } from '../define-command.ts';
import { partitionNumber, topicName } from '../kafka-parsers.ts';
import { flag, value, values } from '../option.ts';
import { nonEmptyText, offset, oneOf } from '../value-parsers.ts';

const groupsOption = values('-g, --group <name>', 'only this group; repeatable', { parser: nonEmptyText });

export const offsetsShowOptions = { group: groupsOption };

export const offsetsShow = defineCommand({
  name: 'offsets show',
  summary: 'show where groups stand on both sides of a flow, and whether that is safe',
  description:
    'Per group and partition: committed on the source, the checkpoint of MM2, committed on the target, and the best position that is proved. Answers while the source is down.',
  options: offsetsShowOptions,
  examples: ['kmk offsets show', 'kmk offsets show --group billing', 'kmk offsets show -o json'],
  needs: 'lab',
  handler: () => import('../commands/offsets-show.ts'),
});

export const offsetsSnapshotOptions = {
  group: groupsOption,
  cluster: value('--cluster <name>', 'alias or role of the cluster (default: target)', { parser: nonEmptyText }),
  out: value('--out <file>', 'write it there, too; never overwrites', { parser: nonEmptyText }),
};

export const offsetsSnapshot = defineCommand({
  name: 'offsets snapshot',
  summary: 'keep the committed positions of groups, so that they can be put back',
  description:
    'Of every group with a commit on the cluster, or of those named, into the folder of the run. Changes nothing on a cluster.',
  options: offsetsSnapshotOptions,
  examples: [
    'kmk offsets snapshot',
    'kmk offsets snapshot --group billing --cluster dr',
    'kmk offsets snapshot --out before.json',
  ],
  needs: 'lab',
  handler: () => import('../commands/offsets-snapshot.ts'),
});

export const offsetsTranslateOptions = {
  topic: value('-t, --topic <name>', 'the topic, by its own name or that of its copy', { parser: topicName }),
  partition: value('--partition <n>', 'its partition', { parser: partitionNumber }),
  offset: value('--offset <n>', 'the position: the next record to read', { parser: offset }),
  group: value('-g, --group <name>', "translate this group's positions instead", { parser: nonEmptyText }),
  direction: value('--direction <way>', 'from the source, or back to it (default: back for the name of a copy)', {
    parser: oneOf('forward', 'inverse'),
  }),
};

export const offsetsTranslate = defineCommand({
  name: 'offsets translate',
  summary: 'translate a position to the other side of a flow, or back, with its proof',
  description:
    'Of one position, or of a group: its commits on the source, with --direction inverse those on copies. Never past an unread record; bound says how many records it may be short, "unknown" where nothing tells.',
  options: offsetsTranslateOptions,
  examples: [
    'kmk offsets translate --topic orders --partition 0 --offset 1200',
    'kmk offsets translate --topic primary.orders --partition 0 --offset 1200',
    'kmk offsets translate --group billing --direction inverse',
    'kmk offsets translate --group billing --topic orders -o json',
  ],
  needs: 'lab',
  validate({ options: { group, topic, partition, offset: position } }) {
    if (group !== undefined) {
      if (position === undefined) return;
      throw new KmkError('KMK_USAGE', 'options --group and --offset exclude each other');
    }
    const missing = [
      ...(topic === undefined ? ['--topic'] : []),
      ...(partition === undefined ? ['--partition'] : []),
      ...(position === undefined ? ['--offset'] : []),
    ];
    if (missing.length === 0) return;
    throw new KmkError('KMK_USAGE', `say what to translate: ${missing.join(', ')} missing, or --group`);
  },
  handler: () => import('../commands/offsets-translate.ts'),
});

export const offsetsSyncOptions = {
  group: groupsOption,
  topic: values('-t, --topic <name>', 'only this topic of the source; repeatable', { parser: topicName }),
  cluster: value('--cluster <name>', 'alias or role of the cluster to write on (default: target)', {
    parser: nonEmptyText,
  }),
  dryRun: flag('--dry-run', 'show what would be written and change nothing'),
};

export const offsetsSync = defineCommand({
  name: 'offsets sync',
  summary: 'put groups on the target at the best position that is proved',
  description:
    'MM2 leaves groups tens to hundreds of records behind; this puts them where they really are. The groups must have no live members on the target. The checkpoint connector is stopped meanwhile and brought back as it was found; what it replaces is kept first.',
  options: offsetsSyncOptions,
  examples: ['kmk offsets sync', 'kmk offsets sync --group billing --topic orders', 'kmk offsets sync --dry-run'],
  needs: 'lab',
  asks: true,
  handler: () => import('../commands/offsets-sync.ts'),
});

export const offsetsRestoreOptions = {
  snapshot: value('--snapshot <file|run>', 'what to put back: a file, or the run that kept it', {
    parser: nonEmptyText,
    required: true,
  }),
  group: groupsOption,
  dryRun: flag('--dry-run', 'show what would be put back and change nothing'),
};

export const offsetsRestore = defineCommand({
  name: 'offsets restore',
  summary: 'put groups back to where a snapshot kept them',
  description:
    'Positions that did not exist then are removed. The groups must have no live members, and the cluster must be the one of the snapshot. MM2 writes no positions meanwhile; what it replaces is kept first. Exit 9 when something had to be left alone.',
  options: offsetsRestoreOptions,
  examples: [
    'kmk offsets restore --snapshot before.json',
    'kmk offsets restore --snapshot 20261121-093000-offsets-sync-x7f3 --group billing',
    'kmk offsets restore --snapshot before.json --dry-run',
  ],
  needs: 'lab',
  asks: true,
  handler: () => import('../commands/offsets-restore.ts'),
});
