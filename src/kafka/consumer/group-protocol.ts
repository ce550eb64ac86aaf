import type { TopicPartition } from '../../domain/topic.ts';
import { groupBy } from '../group-by.ts';
import { WireReader } from '../wire/reader.ts';
import { WireWriter } from '../wire/writer.ts';

/** What members of a classic consumer group tell each other: version 0 of Kafka's embedded consumer protocol. */
const VERSION = 0;
const NO_USER_DATA = -1;

export function encodeSubscription(topics: readonly string[]): Uint8Array {
  const out = new WireWriter();
  out.int16(VERSION);
  out.int32(topics.length);
  for (const topic of topics) writeString(out, topic);
  out.int32(NO_USER_DATA);
  return Buffer.concat(out.chunks());
}

/** Topics that a member subscribes to; fields of newer versions follow what is read here. */
export function decodeSubscription(bytes: Uint8Array): readonly string[] {
  const input = new WireReader(bytes);
  input.int16();
  return Array.from({ length: input.int32() }, () => input.utf8(input.int16()));
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Uint8Array {
  const out = new WireWriter();
  const byTopic = groupBy(partitions, (at) => at.topic);
  out.int16(VERSION);
  out.int32(byTopic.size);
  for (const [topic, assigned] of byTopic) {
    writeString(out, topic);
    out.int32(assigned.length);
    for (const { partition } of assigned) out.int32(partition);
  }
  out.int32(NO_USER_DATA);
  return Buffer.concat(out.chunks());
}

/** A member without partitions may get no bytes at all. */
export function decodeAssignment(bytes: Uint8Array): readonly TopicPartition[] {
  if (bytes.length === 0) return [];
  const input = new WireReader(bytes);
  input.int16();
  const partitions: TopicPartition[] = [];
  for (let topics = input.int32(); topics > 0; topics--) {
    const topic = input.utf8(input.int16());
    for (let count = input.int32(); count > 0; count--) partitions.push({ topic, partition: input.int32() });
  }
  return partitions;
}

function writeString(out: WireWriter, text: string): void {
  const bytes = Buffer.byteLength(text);
  out.int16(bytes);
  out.utf8(text, bytes);
}
