import type { TopicPartitionOffset } from './topic.ts';

/** On every replayed record; the reverse connector leaves out what carries it (HasHeaderKey). */
export const REPLAY_HEADER = 'kmk.replay';

/** What a replayed record tells of its original, in the order of the headers. */
const ORIGIN = ['cluster', 'topic', 'partition', 'offset', 'timestamp'] as const;

export interface Header {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export interface Original extends TopicPartitionOffset {
  readonly timestampMs: number;
  readonly headers: readonly Header[];
}

/** Names a record of one cluster for ever: ids survive neither a new cluster nor a topic that was created anew. */
export function replayKey(clusterId: string, topicId: string, partition: number, offset: bigint): string {
  return `${clusterId}/${topicId}/${partition}/${offset}`;
}

/** The record's own headers, then kmk's. */
export function replayHeaders(original: Original, alias: string, key: string): readonly Header[] {
  const { topic, partition, offset, timestampMs } = original;
  const values = [alias, topic, partition, offset, timestampMs];
  return [
    ...original.headers,
    header(REPLAY_HEADER, key),
    ...ORIGIN.map((name, index) => header(`kmk.origin.${name}`, String(values[index]))),
  ];
}

/** What readReplay finds. */
export interface Replay {
  readonly key: string;
  /** Of the original record. */
  readonly headers: readonly Header[];
  /** `partitionKey` of the original, as kmk wrote it. */
  readonly origin: string;
}

/** The key of a replayed record, and the headers of its original; null for a record that is none. */
export function readReplay(headers: readonly Header[]): Replay | null {
  const at = headers.findLastIndex(({ key }) => key === REPLAY_HEADER);
  const value = headers[at]?.value ?? null;
  if (value === null) return null;
  const text = (name: (typeof ORIGIN)[number]): string => {
    const own = headers.slice(at).find(({ key }) => key === `kmk.origin.${name}`);
    return own?.value === null || own === undefined ? '' : new TextDecoder().decode(own.value);
  };
  const key = new TextDecoder().decode(value);
  return { key, headers: headers.slice(0, at), origin: `${text('topic')}/${text('partition')}` };
}

function header(key: string, text: string): Header {
  return { key, value: new TextEncoder().encode(text) };
}
