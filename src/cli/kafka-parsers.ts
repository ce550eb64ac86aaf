import { wholeNumber, type ValueParser } from './value-parsers.ts';
import { parseDuration } from '../util/duration.ts';
import { isTopicName } from '../domain/topic.ts';

/** A name that Kafka takes for a topic (org.apache.kafka.common.internals.Topic). */
export const topicName: ValueParser<string> = {
  expects: 'a topic name (1 to 249 letters, digits, ".", "_" and "-")',
  parse: (text) => (isTopicName(text) ? text : undefined),
};

/** `500`, `0.5`, `100/s`; records per second. */
export const rate: ValueParser<number> = {
  expects: 'records per second above 0, such as 100 or 100/s',
  parse: (text) => {
    const [, digits] = /^(\d{1,9}(?:\.\d{1,6})?)(?:\/s)?$/.exec(text) ?? [];
    const value = Number(digits);
    return value > 0 ? value : undefined;
  },
};

/**
 * An instant: ISO 8601, where a time without a zone is UTC as in Kafka's own tools, epoch milliseconds, or how long
 * ago (`5m`).
 */
export const instant: ValueParser<StartTime> = {
  expects: 'a time such as 2026-11-21T09:30:00Z, or how long ago such as 5m',
  parse: (text) => {
    const agoMs = parseDuration(text);
    if (agoMs !== null) return { agoMs };
    if (/^\d{12,15}$/.test(text)) return { atMs: Number(text) };
    if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text)) return undefined;
    const zoned = /[T ].*(Z|[+-]\d\d:?\d\d)$/.test(text) || !/[T ]/.test(text) ? text : `${text}Z`;
    const atMs = Date.parse(zoned);
    return Number.isNaN(atMs) ? undefined : { atMs };
  },
};

export type StartTime = { readonly atMs: number } | { readonly agoMs: number };

/** The instant in epoch milliseconds. */
export function epochMs(time: StartTime, nowMs: number): number {
  return 'atMs' in time ? time.atMs : nowMs - time.agoMs;
}

/** A partition of a topic. */
export const partitionNumber = wholeNumber({ max: 2 ** 31 - 1 });

/** `orders`, or some of its partitions: `orders:0,2`. */
export const resetScope: ValueParser<{ readonly topic: string; readonly partitions: readonly number[] | null }> = {
  expects: 'a topic, or some of its partitions such as orders:0,2',
  parse: (text) => {
    const [, topic = '', list] = /^([^:]*)(?::(\d{1,9}(?:,\d{1,9})*))?$/.exec(text) ?? [];
    if (!isTopicName(topic)) return undefined;
    return { topic, partitions: list === undefined ? null : list.split(',').map(Number) };
  },
};

/** A number of records, forward or backward: `10`, `-10`. */
export const shift: ValueParser<bigint> = {
  expects: 'a whole number, such as 10 or -10',
  parse: (text) => (/^[+-]?\d{1,18}$/.test(text) ? BigInt(text.replace('+', '')) : undefined),
};

/** kmk's `1h30m`, or `PT1H30M` as kafka-consumer-groups takes it; milliseconds. */
export const isoDuration: ValueParser<number> = {
  expects: 'a duration such as 1h, 30m or PT1H',
  parse: (text) => {
    const plain = parseDuration(text);
    if (plain !== null) return plain;
    if (!/^P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(text) || /[PT]$/.test(text)) return undefined;
    return parseDuration(text.replace(/[PT]/g, '').toLowerCase()) ?? undefined;
  },
};
