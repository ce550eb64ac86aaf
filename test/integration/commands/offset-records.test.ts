import { beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../../../src/domain/checkpoint.ts';
import type { OffsetsDocument } from '../../../src/domain/documents.ts';
import { decodeHeartbeat } from '../../../src/domain/heartbeat.ts';
import type { Decoded } from '../../../src/domain/mm2-struct.ts';
import { decodeOffsetSync } from '../../../src/domain/offset-sync.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { eventually, kafkaTool } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin } from '../kafka/clients.ts';
import { document, unique } from './kmk.ts';
import { named, renamedLab } from './renamed-lab.ts';

const FORMATTERS = 'org.apache.kafka.connect.mirror.formatters';
const NEWEST = 200n;

interface InternalTopic {
  readonly name: string;
  readonly alias: 'primary' | 'dr';
  readonly topic: string;
  readonly formatter: string;
  readonly decode: (key: Uint8Array | null, value: Uint8Array | null) => Decoded<object>;
  /** As the record's toString of Kafka says it. */
  readonly said: (record: never) => string;
}

const TOPICS: readonly InternalTopic[] = [
  {
    name: 'offset syncs',
    alias: 'dr',
    topic: 'mm2-offset-syncs.primary.internal',
    formatter: 'OffsetSyncFormatter',
    decode: decodeOffsetSync,
    said: ({ topic, partition, upstreamOffset, downstreamOffset }: Fields) =>
      `topicPartition=${topic}-${partition}, upstreamOffset=${upstreamOffset}, downstreamOffset=${downstreamOffset}`,
  },
  {
    name: 'checkpoints',
    alias: 'dr',
    topic: 'primary.checkpoints.internal',
    formatter: 'CheckpointFormatter',
    decode: decodeCheckpoint,
    said: ({ group, topic, partition, upstreamOffset, downstreamOffset, metadata }: Fields) =>
      `consumerGroupId=${group}, topicPartition=${topic}-${partition}, upstreamOffset=${upstreamOffset}, ` +
      `downstreamOffset=${downstreamOffset}, metadata=${metadata}`,
  },
  {
    name: 'heartbeats',
    alias: 'primary',
    topic: 'heartbeats',
    formatter: 'HeartbeatFormatter',
    decode: decodeHeartbeat,
    said: ({ sourceAlias, targetAlias, timestampMs }: Fields) =>
      `sourceClusterAlias=${sourceAlias}, targetClusterAlias=${targetAlias}, timestamp=${timestampMs}`,
  },
];

type Fields = Readonly<Record<string, string>>;

/** A topic of one partition that is copied, and a group whose position MM2 has carried. */
async function carried(): Promise<void> {
  const [topic, group] = [unique('records'), unique('records')];
  await document('topic', 'create', topic, '--partitions', '1');
  await document('produce', '-t', topic, '--messages', '20');
  await document('group', 'reset', group, '-t', topic, '--to-latest', '--yes');
  await eventually('the commit of MM2', async () => {
    await using admin = openAdmin('dr');
    return (await admin.groupOffsets(group)).length > 0 ? true : undefined;
  });
}

describe('records that MM2 wrote', () => {
  beforeAll(carried);

  it.concurrent.each(TOPICS)(
    'as $name are read as Kafka reads them',
    async ({ alias, topic, formatter, decode, said }) => {
      await using admin = openAdmin(alias);
      const [range] = await admin.logRanges([topic]);
      if (range === undefined) throw new Error(`no ${topic}`);
      const from = range.end - NEWEST > range.start ? range.end - NEWEST : range.start;
      const ours: string[] = [];
      await admin.readPartition(
        range,
        ({ key, value }) => {
          const decoded = decode(key, value);
          ours.push(decoded.kind === 'record' ? said(decoded.record as never) : JSON.stringify(decoded));
        },
        { from, to: range.end },
      );
      const text = await kafkaTool(
        'consumer.ConsoleConsumer',
        ...['--bootstrap-server', labCluster(alias).bootstrap, '--topic', topic, '--partition', '0'],
        ...['--offset', String(from), '--max-messages', String(ours.length)],
        ...['--formatter', `${FORMATTERS}.${formatter}`],
      );
      const theirs = [...text.matchAll(/\{(.*)\}/g)].map(([, fields]) => fields?.replace('metatadata', 'metadata'));
      expect(ours.length).toBeGreaterThan(0);
      expect(ours).toEqual(theirs);
    },
  );
});

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function nameOf(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const length = Buffer.alloc(2);
      length.writeInt16BE(Buffer.byteLength(text));
      return [length, Buffer.from(text)];
    }),
  );
}

type Bytes = readonly [key: Buffer, value: Buffer];

const JUNK: Bytes = [Buffer.from('junk'), Buffer.from('more junk')];

/** A sync as MM2 writes it: the record at `offset` of partition 0 has the same offset on both sides. */
function syncOf(topic: string, offset: number): Bytes {
  return [Buffer.concat([nameOf(topic), Buffer.alloc(4)]), Buffer.concat([int64(offset), int64(offset)])];
}

async function write(alias: 'primary' | 'dr', topic: string, records: readonly Bytes[]): Promise<void> {
  await using admin = openAdmin(alias);
  await admin.createTopic({ topic, partitions: 1, replicationFactor: 1 });
  await using producer = createRecordProducer({ bootstrap: labCluster(alias).bootstrap, clientId: 'kmk-test' });
  await producer.send(
    topic,
    records.map(([key, value]) => ({ key, value })),
  );
}

describe.each([
  ['-.', true, 'source', 'primary', 'mm2-offset-syncs-.dr-.internal', 'primary-.checkpoints-.internal'],
  // No "_": Kafka takes it for the "." of other tests' topics.
  ['-x-', true, 'target', 'dr', 'mm2-offset-syncs-x-primary-x-internal', 'primary-x-checkpoints-x-internal'],
  // The checkpoints have the name that the lab's MM2 reads as well: they stay whole.
  ['--', false, 'source', 'primary', 'mm2-offset-syncs.dr.internal', null],
] as const)(
  'with the separator %s (for internal topics: %s) and syncs on the %s',
  (separator, inner, place, alias, syncs, checkpoints) => {
    it('a malformed record is named with topic, partition and offset, and stops no command', async () => {
      const topic = `renamed${Date.now()}`;
      const copy = `primary${separator}${topic}`;
      await using lab = await renamedLab(named({ separator, internalSeparator: inner, location: place }));
      const values = Array.from({ length: 10 }, (_, index): Bytes => [
        Buffer.from(`k${index}`),
        Buffer.from(`v${index}`),
      ]);
      await write('primary', topic, values);
      await write('dr', copy, values);
      await write(alias, syncs, [syncOf(topic, 0), JUNK, syncOf(topic, 9)]);
      if (checkpoints !== null) await write('dr', checkpoints, [JUNK]);
      const place9 = ['-t', topic, '--partition', '0', '--offset', '9'];
      const place3 = ['-t', copy, '--partition', '0', '--offset', '3'];
      for (const args of [
        ['offsets', 'translate', ...place9],
        ['offsets', 'translate', ...place3],
        ['offsets', 'show'],
      ]) {
        const { exitCode, stdout, stderr } = await lab.kmk(...args);
        expect(exitCode).toBe(0);
        expect(stderr).toContain(`skipped a malformed record at ${syncs}-0 offset 1: `);
        if (checkpoints !== null) expect(stderr).toContain(`skipped a malformed record at ${checkpoints}-0 offset 0: `);
        if (args.includes('9')) {
          const { groups } = JSON.parse(stdout) as OffsetsDocument;
          expect(groups[0]?.partitions[0]).toMatchObject({ remoteTopic: copy, exact: '9', proof: 'sync' });
        }
      }
    });
  },
);
