import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionKey } from '../../../src/domain/topic.ts';
import { ASSIGNORS } from '../../../src/kafka/consumer/assignors.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../src/kafka/consumer/group-protocol.ts';

const topicNames = ['a', 'b', 'c'];
const members = fc
  .uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 })
  .chain((ids) =>
    fc.tuple(...ids.map((memberId) => fc.record({ memberId: fc.constant(memberId), topics: fc.subarray(topicNames) }))),
  );
const counts = fc
  .tuple(fc.nat(7), fc.nat(7), fc.nat(7))
  .map((sizes) => new Map(topicNames.map((name, i) => [name, sizes[i]!])));

describe.each(Object.entries(ASSIGNORS))('assignor %s', (_name, assign) => {
  it('gives every partition with a subscriber to exactly one of them', () => {
    fc.assert(
      fc.property(members, counts, (subscribers, partitions) => {
        const given = [...assign(subscribers, partitions)].flatMap(([memberId, list]) => {
          const subscribed = subscribers.find((one) => one.memberId === memberId)?.topics ?? [];
          for (const at of list) expect(subscribed).toContain(at.topic);
          return list.map(partitionKey);
        });
        const wanted = [...partitions]
          .filter(([topic]) => subscribers.some((one) => one.topics.includes(topic)))
          .flatMap(([topic, count]) =>
            Array.from({ length: count }, (_, partition) => partitionKey({ topic, partition })),
          );
        expect(given.sort()).toEqual(wanted.sort());
      }),
    );
  });

  it('is even within one partition when all subscribe to one topic', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(20), (size, count) => {
        const all = Array.from({ length: size }, (_, index) => ({ memberId: `m${index}`, topics: ['a'] }));
        const shares = [...assign(all, new Map([['a', count]])).values()].map((list) => list.length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the consumer protocol', () => {
  it('reads back what it wrote', () => {
    const names = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 5 });
    fc.assert(
      fc.property(names, (topics) => {
        expect(decodeSubscription(encodeSubscription(topics))).toEqual(topics);
        const partitions = [...new Set(topics)].map((topic, partition) => ({ topic, partition }));
        expect(decodeAssignment(encodeAssignment(partitions))).toEqual(partitions);
      }),
    );
  });

  it('writes the bytes of a Java consumer with version 0', () => {
    expect(Buffer.from(encodeSubscription(['t'])).toString('hex')).toBe('000000000001000174ffffffff');
    expect(decodeAssignment(new Uint8Array())).toEqual([]);
  });
});
