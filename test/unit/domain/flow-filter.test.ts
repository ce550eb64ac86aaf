import { describe, expect, it } from 'vitest';
import { flow } from '../../../scripts/examples.ts';
import { groupFilter, ownFilters, topicFilter, userTopicFilter } from '../../../src/domain/flow-filter.ts';
import { createReplicationPolicy } from '../../../src/domain/replication-policy.ts';

const DEFAULT = createReplicationPolicy('default');

describe('topicFilter', () => {
  it.each([
    ['orders', true],
    ['orders.internal', true],
    ['heartbeats', true],
    ['kmk-canary', true],
    ['__consumer_offsets', false],
    ['mm2-offset-syncs.dr.internal', false],
    ['primary.checkpoints.internal', false],
    ['orders.replica', false],
  ])('by default %s: %s', (topic, copied) => {
    expect(topicFilter(flow('primary', 'dr'), DEFAULT)(topic)).toBe(copied);
  });

  it('copies nothing back that came from the target', () => {
    expect(topicFilter(flow('primary', 'dr'), DEFAULT)('dr.orders')).toBe(false);
    expect(topicFilter(flow('primary', 'dr'), DEFAULT)('west.orders')).toBe(true);
    expect(topicFilter(flow('primary', 'dr'), createReplicationPolicy('identity'))('dr.orders')).toBe(true);
  });

  it('matches whole names, exclusion first', () => {
    const copied = topicFilter(
      flow('primary', 'dr', { topics: ['orders', 'pay.*'], topicsExclude: ['pay-x'] }),
      DEFAULT,
    );
    expect(['orders', 'orders2', 'my-orders', 'payments', 'pay-x', 'other'].map(copied)).toEqual([
      ...[true, false, false, true, false, false],
    ]);
    expect(['heartbeats', 'kmk-canary'].map(copied)).toEqual([true, true]);
    expect(topicFilter(flow('primary', 'dr', { topicsExclude: ['kmk-.*'] }), DEFAULT)('kmk-canary')).toBe(false);
  });

  it('takes a pattern that only Java can read for one that names everything, and excludes nothing by it', () => {
    const onlyJava = '\\p{IsAlphabetic}+&&[^x]';
    expect(topicFilter(flow('primary', 'dr', { topics: [onlyJava] }), DEFAULT)('anything')).toBe(true);
    expect(topicFilter(flow('primary', 'dr', { topicsExclude: [onlyJava] }), DEFAULT)('anything')).toBe(true);
  });
});

describe('userTopicFilter', () => {
  it("leaves out what is MM2's and kmk's", () => {
    const users = userTopicFilter(flow('primary', 'dr'), DEFAULT);
    expect(['orders', 'heartbeats', 'west.heartbeats', 'kmk-canary'].map(users)).toEqual([true, false, false, false]);
  });
});

it('ownFilters names the options by which MM2 would no longer leave out what kmk tells it to', () => {
  const config = { 'topics.exclude': 'x', 'group.filter.class': 'own.Filter', 'tasks.max': '2' };
  expect(ownFilters(flow('primary', 'dr', { config }))).toEqual(['topics.exclude', 'group.filter.class']);
  expect(ownFilters(flow('primary', 'dr'))).toEqual([]);
});

describe('groupFilter', () => {
  it('leaves out consoles, Connect workers and internal groups', () => {
    const wanted = groupFilter(flow('primary', 'dr', { groupsExclude: ['test-.*'] }));
    const groups = ['billing', 'console-consumer-1', 'connect-dr', '__x', 'test-1', 'a-test-1'];
    expect(groups.map(wanted)).toEqual([true, false, false, false, false, true]);
  });

  it('only names what the flow names', () => {
    expect(['a1', 'b'].map(groupFilter(flow('primary', 'dr', { groups: ['a.'] })))).toEqual([true, false]);
  });
});
