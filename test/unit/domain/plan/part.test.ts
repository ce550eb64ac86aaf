import { describe, expect, it } from 'vitest';
import { flow } from '../../../../scripts/examples.ts';
import { groupFilter, topicFilter, userTopicFilter } from '../../../../src/domain/flow-filter.ts';
import { compileJavaPattern } from '../../../../src/domain/java-pattern.ts';
import type { Moved } from '../../../../src/domain/lab/lab-record.ts';
import { reverseOf } from '../../../../src/domain/lab/layout.ts';
import { flowNow, flowsOfExtent, joinMarks, literalPattern, movedNow } from '../../../../src/domain/plan/part.ts';
import { createReplicationPolicy } from '../../../../src/domain/replication-policy.ts';
import type { Flow } from '../../../../src/domain/setup.ts';

const POLICY = createReplicationPolicy('default');
const TOPICS = ['orders', 'ordersx', 'orders.eu', 'pay', 'rest'];
const GROUPS = ['billing', 'mail', 'rest-app'];
const FORWARD = flow('primary', 'dr', { topicsExclude: ['pay'], groupsExclude: ['mail'] });
const FLOWS = { forward: FORWARD, reverse: reverseOf(FORWARD) };
const MOVED: Moved = {
  ...{ from: 'primary', to: 'dr', topics: ['orders'], groups: ['billing'], seeded: ['orders'] },
  ...{ watermarks: [], mirrored: [], reverseStart: [] },
};

const topicsOf = (of: Flow): readonly string[] => TOPICS.filter(userTopicFilter(of, POLICY));
const groupsOf = (of: Flow): readonly string[] => GROUPS.filter(groupFilter(of));

describe('literalPattern', () => {
  it.each(['orders', 'a.b', 'a,b', ' a', 'a b ', '\\E', 'x*[y](z)|{1}^$', '${env:HOME}', 'größe', '😀', '-_'])(
    'is a pattern for "%s" and nothing else, and goes through a list of Connect',
    (name) => {
      const pattern = literalPattern(name);
      const test = compileJavaPattern(pattern);
      expect([name, `${name}x`, `x${name}`, name.replace('.', 'x')].map((other) => test?.(other))).toEqual([
        ...[true, false, false, !name.includes('.')],
      ]);
      expect(pattern).not.toMatch(/[,\s$]/);
    },
  );
});

describe('flowNow', () => {
  it('leaves out on the way there what has moved, copies nothing else on the way back, and no other flow cares', () => {
    expect(topicsOf(flowNow(FLOWS.forward, MOVED))).toEqual(['ordersx', 'orders.eu', 'rest']);
    expect(groupsOf(flowNow(FLOWS.forward, MOVED))).toEqual(['rest-app']);
    expect(topicsOf(flowNow(FLOWS.reverse, MOVED))).toEqual(['orders']);
    const other = flow('primary', 'west');
    expect([flowNow(other, MOVED), flowNow(FORWARD, null)]).toEqual([other, FORWARD]);
  });

  it('counts what has moved until it is back, or everything was promoted', () => {
    const promotion = { ...MOVED, at: '', runId: '', seeded: false };
    expect(movedNow({ promotion: null, moved: MOVED })).toBe(MOVED);
    expect(movedNow({ promotion: null, moved: { ...MOVED, returned: true } })).toBeNull();
    expect(movedNow({ promotion, moved: MOVED })).toBeNull();
    expect(movedNow({ promotion: null })).toBeNull();
  });
});

describe('both directions at once', () => {
  const part = { topics: ['pay'], groups: [] };
  const before = { topics: ['orders'], groups: ['billing'] };
  const identity = createReplicationPolicy('identity');
  const all = [...TOPICS, 'kmk-canary'];
  const both = ({ forward, reverse }: { readonly forward: Flow; readonly reverse: Flow }): readonly string[] =>
    all.filter(topicFilter(forward, identity)).filter(topicFilter(reverse, identity));

  it('never copy the same topic, nor the canary, where copies keep their names', () => {
    const now = { forward: flowNow(FLOWS.forward, MOVED), reverse: flowNow(FLOWS.reverse, MOVED) };
    const wave = flowsOfExtent(FLOWS, { part, before }).standing;
    expect([both(now), both(wave)]).toEqual([[], []]);
    // The way back of the waves before runs while the wave changes the way there, and the other way round.
    expect(both({ forward: wave.forward, reverse: now.reverse })).toEqual([]);
    expect(all.filter(topicFilter(now.forward, identity))).toContain('kmk-canary');
  });
});

describe('flowsOfExtent', () => {
  const none = { topics: [], groups: [] };
  const before = { topics: ['orders'], groups: ['billing'] };

  it('is the flows as they are for a move of everything', () => {
    const flows = flowsOfExtent(FLOWS, { part: null, before: none });
    expect(flows).toEqual({ ...FLOWS, standing: FLOWS });
  });

  it('works on the part alone, and leaves the rest copied one way and all that has moved the other', () => {
    const { forward, reverse, standing } = flowsOfExtent(FLOWS, {
      part: { topics: ['rest'], groups: ['rest-app'] },
      before,
    });
    expect([topicsOf(forward), groupsOf(forward)]).toEqual([['rest'], ['rest-app']]);
    expect([topicsOf(reverse), groupsOf(reverse)]).toEqual([['rest'], ['rest-app']]);
    expect([topicsOf(standing.forward), groupsOf(standing.forward)]).toEqual([['ordersx', 'orders.eu'], []]);
    expect(topicsOf(standing.reverse)).toEqual(['orders', 'rest']);
  });

  it('copies everything again once a part has returned', () => {
    const part = { topics: ['orders'], groups: ['billing'] };
    const { forward, standing } = flowsOfExtent(FLOWS, { part, before: none, returns: true });
    expect([topicsOf(forward), standing.forward, topicsOf(standing.reverse)]).toEqual([
      ['orders'],
      FORWARD,
      ['orders'],
    ]);
  });

  it('works on the rest where parts have moved before; afterwards everything is copied back', () => {
    const { forward, reverse, standing } = flowsOfExtent(FLOWS, { part: null, before });
    expect([topicsOf(forward), groupsOf(forward)]).toEqual([['ordersx', 'orders.eu', 'rest'], ['rest-app']]);
    expect(groupsOf(reverse)).toEqual(['rest-app']);
    expect(standing).toEqual(FLOWS);
  });
});

it('joinMarks keeps the first mark of a partition', () => {
  const mark = (topic: string, partition: number, d: string) => ({ topic, partition, u: null, d });
  const first = [mark('a', 0, '1')];
  expect(joinMarks(first, [mark('a', 0, '9'), mark('a', 1, '2')])).toEqual([mark('a', 0, '1'), mark('a', 1, '2')]);
});
