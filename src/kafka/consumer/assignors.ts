import type { TopicPartition } from '../../domain/topic.ts';

export interface Subscriber {
  readonly memberId: string;
  readonly topics: readonly string[];
}

export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;

/** Assignors that kmk offers a group, best first; Java consumers know both by these names. */
export const ASSIGNORS: Readonly<
  Record<string, (members: readonly Subscriber[], partitions: ReadonlyMap<string, number>) => Assignment>
> = { range, roundrobin };

/** Each topic's partitions in runs, one run per member in the order of member ids. */
function range(members: readonly Subscriber[], partitions: ReadonlyMap<string, number>): Assignment {
  const assignment = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
  for (const [topic, count] of partitions) {
    const subscribers = sorted(members.filter((member) => member.topics.includes(topic)));
    const each = Math.floor(count / subscribers.length);
    const larger = count % subscribers.length;
    let next = 0;
    for (const [index, { memberId }] of subscribers.entries()) {
      const end = next + each + (index < larger ? 1 : 0);
      for (; next < end; next++) assignment.get(memberId)?.push({ topic, partition: next });
    }
  }
  return assignment;
}

/** All partitions dealt out one by one to the members in the order of member ids. */
function roundrobin(members: readonly Subscriber[], partitions: ReadonlyMap<string, number>): Assignment {
  const assignment = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
  const circle = sorted(members);
  let turn = 0;
  for (const [topic, count] of [...partitions].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!circle.some((member) => member.topics.includes(topic))) continue;
    for (let partition = 0; partition < count; partition++) {
      while (circle[turn % circle.length]?.topics.includes(topic) === false) turn++;
      const memberId = circle[turn % circle.length]?.memberId ?? '';
      assignment.get(memberId)?.push({ topic, partition });
      turn++;
    }
  }
  return assignment;
}

function sorted(members: readonly Subscriber[]): Subscriber[] {
  return [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
}
