import { KmkError } from '../../domain/errors.ts';
import { defineCommand } from '../define-command.ts';
import { instant, partitionNumber, rate, topicName } from '../kafka-parsers.ts';
import { flag, value, values } from '../option.ts';
import { anyText, duration, keyValue, nonEmptyText, offset, oneOf, wholeNumber } from '../value-parsers.ts';

/** Brokers close a connection that sends more in one request (socket.request.max.bytes). */
const LARGEST_VALUE = 100 * 1024 * 1024;

export const clusterOption = value('--cluster <name>', 'alias or role: active, standby, source, target, secondary', {
  parser: nonEmptyText,
});

export const produceOptions = {
  topic: value('-t, --topic <name>', 'topic to write to; created if it is missing', {
    parser: topicName,
    required: true,
  }),
  messages: value('-n, --messages <n>', 'how many records (default: 10, or as --duration and --file give)', {
    parser: wholeNumber({ min: 1 }),
  }),
  size: value('--size <bytes>', 'exact size of each value', { parser: wholeNumber({ min: 1, max: LARGEST_VALUE }) }),
  rate: value('--rate <n/s>', 'records per second (default: as fast as they are taken)', { parser: rate }),
  key: value('--key <text>', 'key of every record', { parser: anyText }),
  partition: value('--partition <n>', 'partition of every record', { parser: partitionNumber }),
  header: values('--header <key=value>', 'header of every record; repeatable', { parser: keyValue }),
  compression: value('--compression <codec>', 'how batches are compressed', {
    parser: oneOf('none', 'gzip', 'snappy', 'lz4', 'zstd'),
    default: 'none',
  }),
  file: value('--file <path>', 'values, one a line; - is standard input', { parser: nonEmptyText }),
  duration: value('--duration <time>', 'as many records as fit into this time', { parser: duration }),
  cluster: clusterOption,
};

export const produce = defineCommand({
  name: 'produce',
  summary: 'write records as a client does',
  description:
    'To the active cluster unless --cluster says otherwise. Ends with what was acknowledged, per partition with its offsets. --timeout is how long one record may stay unacknowledged (default 30s).',
  options: produceOptions,
  waits: true,
  examples: [
    'kmk produce --topic my_topic --messages 10',
    'kmk produce --topic orders --messages 1000000 --size 1024 --compression lz4',
    'kmk produce --topic orders --rate 100/s --duration 30s',
    'kmk produce --topic orders --key customer-1 --header origin=shop --file values.txt',
  ],
  needs: 'lab',
  validate({ options }) {
    refusePair(options.file, '--file', options.size, '--size');
    refuseReplaced(options.key, '--key');
    for (const [name, text] of options.header) refuseReplaced(`${name}=${text}`, '--header');
  },
  handler: () => import('../commands/produce.ts'),
});

export const consumeOptions = {
  topic: value('-t, --topic <name>', 'topic to read', { parser: topicName, required: true }),
  cluster: clusterOption,
  group: value('-g, --group <name>', 'consumer group: goes on from its commit and commits', { parser: nonEmptyText }),
  messages: value('-n, --messages <n>', 'stop after that many records', { parser: wholeNumber({ min: 1 }) }),
  fromBeginning: flag('--from-beginning', 'start at the first record (the default without a commit)'),
  fromOffset: value('--from-offset <offset>', 'start at this offset of each partition', { parser: offset }),
  fromTime: value('--from-time <time>', 'start at this time, or that long ago', { parser: instant }),
  partition: value('--partition <n>', 'read only this partition', { parser: partitionNumber }),
  follow: flag('-f, --follow', 'go on reading until Ctrl-C'),
};

export const consume = defineCommand({
  name: 'consume',
  summary: 'read records as a client does',
  description:
    'From the active cluster unless --cluster says otherwise. Waits for a topic that is missing. Without --messages and --follow it reads up to the ends found at the start. --timeout (default 30s) is for all --messages together, else for the next record.',
  options: consumeOptions,
  waits: true,
  examples: [
    'kmk consume --topic my_topic',
    'kmk consume --topic primary.my_topic --cluster secondary --messages 10',
    'kmk consume --topic orders --group billing --messages 100',
    'kmk consume --topic orders --from-time 5m -o jsonl',
    'kmk consume --topic orders --follow',
  ],
  needs: 'lab',
  jsonl: true,
  streams: true,
  validate({ options }) {
    const { group, fromOffset, fromTime, partition } = options;
    refusePair(fromOffset, '--from-offset', fromTime, '--from-time');
    if (options.fromBeginning) {
      refusePair(true, '--from-beginning', fromOffset, '--from-offset');
      refusePair(true, '--from-beginning', fromTime, '--from-time');
    }
    refusePair(group, '--group', fromOffset, '--from-offset', 'Move the group with `kmk group reset` instead.');
    refusePair(group, '--group', fromTime, '--from-time', 'Move the group with `kmk group reset` instead.');
    refusePair(group, '--group', partition, '--partition', 'A group shares the partitions out by itself.');
  },
  handler: () => import('../commands/consume.ts'),
});

/** Arguments come as UTF-8; what was not has been replaced before kmk saw it, and would be written so. */
function refuseReplaced(text: string | undefined, option: string): void {
  if (text?.includes('\ufffd') !== true) return;
  throw new KmkError('KMK_USAGE', `the value of ${option}, "${text}", is not UTF-8`, {
    hints: ['Values of any bytes come with `--file`; keys and headers of any bytes with the library.'],
  });
}

/** Throws KMK_USAGE when both options were given. */
export function refusePair(a: unknown, aName: string, b: unknown, bName: string, hint?: string): void {
  if (a === undefined || b === undefined) return;
  const hints = hint === undefined ? [] : [hint];
  throw new KmkError('KMK_USAGE', `options ${aName} and ${bName} exclude each other`, { hints });
}
