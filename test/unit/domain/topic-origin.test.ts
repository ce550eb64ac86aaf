import { describe, expect, it } from 'vitest';
import { createReplicationPolicy } from '../../../src/domain/replication-policy.ts';
import { topicOrigin } from '../../../src/domain/topic-origin.ts';

const ALIASES = ['primary', 'dr', 'east'];
const byName = createReplicationPolicy('default');

describe('topicOrigin', () => {
  it.each([
    ['dr', 'primary.orders', { source: 'primary', topic: 'orders' }],
    ['primary', 'orders', { source: 'primary', topic: 'orders' }],
    ['east', 'dr.primary.orders', { source: 'primary', topic: 'orders' }],
    // A dot in a name is no prefix unless a cluster is called so.
    ['primary', 'shop.orders', { source: 'primary', topic: 'shop.orders' }],
    ['dr', 'primary.shop.orders', { source: 'primary', topic: 'shop.orders' }],
    // A topic of the cluster itself that only looks like a copy.
    ['primary', 'primary.orders', { source: 'primary', topic: 'primary.orders' }],
  ])('on %s, "%s"', (cluster, topic, origin) => {
    expect(topicOrigin(byName, ALIASES, cluster, topic)).toEqual(origin);
  });

  it('is the name alone under the identity policy', () => {
    const identity = createReplicationPolicy('identity');
    expect(topicOrigin(identity, ALIASES, 'dr', 'primary.orders')).toEqual({ source: null, topic: 'primary.orders' });
  });
});
