import { describe, expect, it } from 'vitest';
import type { AclRule, Fence } from '../../../src/domain/fence.ts';
import { changesTo, fenceOf, isClosed, OPEN, rulesOf, takesWrites } from '../../../src/domain/fence.ts';

const TOPICS = ['a', 'b', 'created-later', 'primary.a'];
const FENCES: readonly Fence[] = [
  OPEN,
  { ...OPEN, whole: true },
  { ...OPEN, refused: ['a'] },
  { ...OPEN, refused: ['a', 'b'] },
  { ...OPEN, whole: true, refused: ['a'] },
  { ...OPEN, prefixes: ['primary.'] },
  { ...OPEN, refused: ['b'], prefixes: ['primary.', 'p'] },
  { ...OPEN, only: [] },
  { ...OPEN, only: ['a'] },
  { ...OPEN, only: ['a', 'b'] },
  { ...OPEN, whole: true, only: ['a'] },
  { ...OPEN, only: ['a', 'primary.a'], prefixes: ['primary.'] },
];

const meant = ({ whole, refused, prefixes, only }: Fence, topic: string): boolean =>
  !whole &&
  !refused.includes(topic) &&
  !prefixes.some((prefix) => topic.startsWith(prefix)) &&
  (only === null || only.includes(topic));
const writable = (rules: readonly AclRule[]): readonly boolean[] => TOPICS.map((topic) => takesWrites(rules, topic));

/** The rules after each single one of the changes: brokers may learn of them one by one. */
function states(rules: readonly AclRule[], fence: Fence): readonly (readonly AclRule[])[] {
  const found: (readonly AclRule[])[] = [rules];
  let now = rules;
  for (const change of changesTo(rules, fence)) {
    for (const rule of change.rules) {
      now = change.what === 'create' ? [...now, rule] : now.filter((other) => other !== rule);
      found.push(now);
    }
  }
  return found;
}

/** Where a topic takes writes on the way though neither before nor afterwards, or takes none though both; and at the end. */
function unsafe(rules: readonly AclRule[], fence: Fence): readonly string[] {
  const before = writable(rules);
  const after = TOPICS.map((topic) => meant(fence, topic));
  const all = states(rules, fence);
  const wrong = all.flatMap((now) =>
    writable(now).flatMap((open, index) =>
      before[index] === after[index] && open !== after[index] ? [`${TOPICS[index]} ${open ? 'open' : 'closed'}`] : [],
    ),
  );
  const last = all.at(-1) ?? [];
  const short = writable(last).join() !== after.join() || changesTo(last, fence).length > 0;
  return short ? [...wrong, `ends ${writable(last).join()}`] : wrong;
}

describe('a fence as ACLs', () => {
  it.each(FENCES)('%j refuses what it says, and is read back as it was', (fence) => {
    const rules = rulesOf(fence);
    expect(writable(rules)).toEqual(TOPICS.map((topic) => meant(fence, topic)));
    expect(fenceOf(rules)).toEqual(fence);
  });

  it('leaves to clients whatever is no write, on every topic', () => {
    const operations = ['READ', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'];
    for (const fence of FENCES) {
      const allowed = rulesOf(fence)
        .filter(({ permission, topic }) => permission === 'ALLOW' && topic === '*')
        .map(({ operation }) => operation);
      expect(fence.only === null ? allowed : allowed.toSorted()).toEqual(
        fence.only === null ? ['ALL'] : operations.toSorted(),
      );
    }
  });

  it('is none where nobody has made any, and where a rule of a user names one topic alone', () => {
    const own: AclRule = { principal: 'User:*', permission: 'ALLOW', operation: 'ALL', topic: 'a' };
    expect([fenceOf([]), fenceOf([own])]).toEqual([OPEN, OPEN]);
  });

  it('is closed where no topic takes writes, nor one that comes', () => {
    const closed = FENCES.map((fence) => isClosed(rulesOf(fence), null));
    expect(closed).toEqual(FENCES.map(({ whole, only }) => whole || only?.length === 0));
    expect(isClosed(rulesOf({ ...OPEN, only: ['a'] }), ['b', 'created-later'])).toBe(true);
    expect(isClosed(rulesOf({ ...OPEN, only: ['a'] }), ['a', 'b'])).toBe(false);
  });
});

describe('changing a fence', () => {
  const pairs = FENCES.flatMap((from) => FENCES.map((to) => [from, to] as const));

  it('opens nothing on the way that is closed before and after, and closes nothing that is open before and after', () => {
    expect(pairs.flatMap(([from, to]) => unsafe(rulesOf(from), to))).toEqual([]);
    expect(FENCES.flatMap((to) => unsafe([], to))).toEqual([]);
  });

  it('goes on as safely from wherever it was cut short', () => {
    const all = pairs.flatMap(([from, to]) => states(rulesOf(from), to));
    const cuts = new Map(
      all.map((rules) => [
        rules
          .map((rule) => JSON.stringify(rule))
          .toSorted()
          .join(),
        rules,
      ]),
    );
    expect([...cuts.values()].flatMap((cut) => FENCES.flatMap((next) => unsafe(cut, next)))).toEqual([]);
  });

  it('leaves rules of others alone', () => {
    const others: readonly AclRule[] = [
      { principal: 'User:app', permission: 'ALLOW', operation: 'WRITE', topic: 'a' },
      { principal: 'User:app', permission: 'DENY', operation: 'READ', topic: '*' },
      { principal: 'User:*', permission: 'ALLOW', operation: 'READ', topic: 'a' },
    ];
    for (const [from, to] of pairs) {
      const changes = changesTo([...others, ...rulesOf(from)], to).flatMap(({ rules }) => rules);
      expect(changes.filter((rule) => others.includes(rule))).toEqual([]);
    }
  });
});
