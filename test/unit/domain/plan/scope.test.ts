import { describe, expect, it } from 'vitest';
import type { FoundScope, ScopeFacts, ScopeRequest } from '../../../../src/domain/plan/scope.ts';
import { findScope, scopeAsked, scopeOfPlan } from '../../../../src/domain/plan/scope.ts';
import { planWave } from '../../../../src/domain/plan/plan-wave.ts';
import { seeded } from '../../../helpers/seeded.ts';
import { snapshotOf } from './snapshots.ts';

const textsOf = ({ blockers }: FoundScope): readonly string[] => blockers.map(({ text }) => text);
const hintOf = ({ blockers }: FoundScope): string | undefined => blockers[0]?.hints[0];
const COPIED = ['audit', 'orders', 'orders.eu', 'payments', 'rest'];

function factsOf(readers: Readonly<Record<string, readonly string[]>>, change: Partial<ScopeFacts> = {}): ScopeFacts {
  const commits = Object.entries(readers).map(([group, topics]) => ({ group, topics, carried: true }));
  return { from: 'primary', to: 'dr', copied: COPIED, moved: [], commits, ...change };
}

function named(topics: readonly string[], groups: readonly string[] = []): ScopeRequest {
  return { wave: null, topics, groups };
}

describe('findScope', () => {
  it('takes the topics named, those that the groups named read, and every group that reads one of these', () => {
    const facts = factsOf({ billing: ['orders', 'payments'], mail: ['payments'], other: ['rest'] });
    const found = { topics: ['orders', 'payments'], groups: ['billing', 'mail'], blockers: [], warnings: [] };
    expect(findScope(named([], ['billing']), facts)).toEqual(found);
    expect(findScope(named(['payments', 'orders']), facts)).toEqual(found);
    expect(findScope(named(['audit']), facts)).toEqual({ topics: ['audit'], groups: [], blockers: [], warnings: [] });
  });

  it('is closed wherever nothing stands against it: who reads one of its topics moves, and reads no other', () => {
    const random = seeded(7);
    const pick = (names: readonly string[]): readonly string[] => names.filter(() => random() < 0.3);
    let free = 0;
    for (let round = 0; round < 2000; round += 1) {
      const facts = factsOf(Object.fromEntries(['a', 'b', 'c', 'd'].map((group) => [group, pick(COPIED)])));
      const readers = facts.commits.filter(({ topics }) => topics.length > 0);
      const { topics, groups, blockers } = findScope(named(pick(COPIED), pick(['a', 'b'])), {
        ...facts,
        commits: readers,
      });
      if (blockers.length > 0) continue;
      free += 1;
      for (const reader of readers) {
        const inside = reader.topics.filter((topic) => topics.includes(topic));
        expect(groups.includes(reader.group)).toBe(inside.length > 0);
        if (inside.length > 0) expect(inside).toEqual(reader.topics);
      }
    }
    expect(free).toBeGreaterThan(200);
  });

  it('names a group that would be on two clusters, and what else it reads', () => {
    const facts = factsOf({ billing: ['orders', 'payments', 'rest'] });
    expect(textsOf(findScope(named(['orders']), facts))).toEqual([
      'group "billing" also reads "payments", "rest": it cannot be on two clusters',
    ]);
    // Also where the other topic is one that the flow does not copy, and where the group was named itself.
    expect(textsOf(findScope(named([], ['billing']), factsOf({ billing: ['orders', 'local'] })))).toEqual([
      'topic "local" is not copied by the flow primary->dr',
    ]);
  });

  it('is blocked by what cannot move, once for each', () => {
    const facts = factsOf({ done: ['orders'] }, { copied: ['rest'], moved: ['orders'] });
    const blockers = (request: ScopeRequest) => textsOf(findScope(request, facts));
    expect(blockers(named(['nope', 'orders']))).toEqual([
      'topic "nope" is not copied by the flow primary->dr',
      'topic "orders" has moved already: it is active on "dr"',
    ]);
    expect(blockers(named(['rest'], ['nobody']))).toEqual(['group "nobody" has no commits on "primary"']);
  });

  it('leaves groups out that the flow leaves out, and says so', () => {
    const commits = [{ group: 'connect-sink', carried: false, topics: ['orders', 'rest'] }];
    expect(findScope(named(['orders']), factsOf({}, { commits }))).toMatchObject({
      ...{ topics: ['orders'], groups: [], blockers: [] },
      warnings: ['the flow primary->dr leaves out groups that read these topics: connect-sink'],
    });
    expect(textsOf(findScope(named([], ['connect-sink']), factsOf({}, { commits })))).toContain(
      'the flow primary->dr leaves out group "connect-sink"',
    );
  });

  it('takes the patterns of a wave as flows do: whole names, what has moved left out', () => {
    const wave = (topics: readonly string[], groups: readonly string[] = []): ScopeRequest => ({
      ...{ wave: 1, topics, groups },
    });
    const facts = factsOf({ 'app-1': ['audit'] }, { copied: ['audit', 'orders.eu', 'rest'], moved: ['orders'] });
    expect(findScope(wave(['orders.*'], ['app-\\d']), facts)).toMatchObject({
      ...{ topics: ['audit', 'orders.eu'], groups: ['app-1'], blockers: [] },
    });
    // The group has moved with its topic; what it has committed here before stays.
    const earlier = factsOf({ 'app-1': ['audit'], 'app-2': ['orders'] }, { copied: ['audit'], moved: ['orders'] });
    expect(findScope(wave([], ['app-.']), earlier)).toMatchObject({ groups: ['app-1'], blockers: [] });
    expect(textsOf(findScope(wave(['res', 'orders']), facts))).toEqual([
      'no topics of the flow primary->dr match "res"',
      'all topics that "orders" matches have moved already: they are active on "dr"',
    ]);
    expect(textsOf(findScope(wave(['\\p{L}+']), facts))[0]).toContain('is known to Java alone');
    expect(textsOf(findScope(wave([], ['app-x']), facts))).toEqual(['no groups of the flow primary->dr match "app-x"']);
  });
});

describe('what is refused', () => {
  const facts = factsOf(
    { billing: ['orders', 'rest'] },
    { copied: ['payments', 'rest', 'orders.eu'], moved: ['audit'] },
  );
  const wave = (pattern: string): ScopeRequest => ({ wave: 1, topics: [pattern], groups: [] });

  it('says where to look for what is not there, and what to do about what has moved', () => {
    expect(hintOf(findScope(named(['nope']), facts))).toContain('`kmk topic list`');
    expect(hintOf(findScope(wave('nope'), facts))).toContain('`kmk topic list`');
    expect(hintOf(findScope(named(['audit']), facts))).toContain('`kmk failback`');
    expect(hintOf(findScope(wave('aud.*'), facts))).toContain('`kmk failback`');
    expect(hintOf(findScope(named(['rest']), facts))).toContain('`--topic`');
  });

  it('is not told by its words: a topic may be called anything', () => {
    const strange = 'the lag of primary matches what has moved already';
    expect(hintOf(findScope(named([strange]), facts))).toContain('`kmk topic list`');
  });
});

describe('scopeAsked', () => {
  const setup = { waves: [{ topics: ['orders'], groups: ['billing'] }] };
  const nothing = { topics: [], groups: [], wave: undefined };

  it('is everything, what was named, or a wave of kmk.yaml counted from 1', () => {
    expect(scopeAsked(nothing, setup)).toBeNull();
    expect(scopeAsked({ ...nothing, topics: ['a'] }, setup)).toEqual(named(['a']));
    expect(scopeAsked({ ...nothing, wave: 1 }, setup)).toEqual({ wave: 1, topics: ['orders'], groups: ['billing'] });
  });

  it('refuses a wave that is not there, and one with names beside it', () => {
    expect(() => scopeAsked({ ...nothing, wave: 2 }, setup)).toThrow('there is no wave 2: kmk.yaml has 1 wave');
    expect(() => scopeAsked({ ...nothing, wave: 1 }, { waves: [] })).toThrow('kmk.yaml has no waves');
    expect(() => scopeAsked({ ...nothing, wave: 1, groups: ['g'] }, setup)).toThrow('wave 1 names topics and groups');
  });

  it('comes back from the plan it was made with', () => {
    for (const request of [named(['a'], ['g']), { wave: 2, topics: ['a.*'], groups: [] }]) {
      expect(scopeOfPlan(planWave(snapshotOf(), { maxLag: null }, request))).toEqual(request);
    }
    expect(scopeOfPlan({ request: { maxLag: null } })).toBeNull();
  });
});
