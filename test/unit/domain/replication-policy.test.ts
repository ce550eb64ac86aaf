import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplicationPolicy, isInternalTopic } from '../../../src/domain/replication-policy.ts';

/** As the classes of connect-mirror 3.9.2 and 4.3.1 answer (both were run with every combination below). */
describe('names', () => {
  it.each([
    ['.', 'mm2-offset-syncs.dr.internal', 'primary.checkpoints.internal', 'primary.heartbeats', 'primary.orders'],
    ['_', 'mm2-offset-syncs_dr_internal', 'primary_checkpoints_internal', 'primary_heartbeats', 'primary_orders'],
    [
      '--',
      'mm2-offset-syncs--dr--internal',
      'primary--checkpoints--internal',
      'primary--heartbeats',
      'primary--orders',
    ],
  ])('with the separator %s', (separator, syncs, checkpoints, heartbeats, orders) => {
    for (const name of ['default', 'identity'] as const) {
      const policy = createReplicationPolicy(name, separator);
      expect(policy.offsetSyncsTopic('dr')).toBe(syncs);
      expect(policy.checkpointsTopic('primary')).toBe(checkpoints);
      expect(policy.remoteHeartbeatsTopic('primary')).toBe(heartbeats);
      expect(policy.remoteTopic('primary', 'heartbeats')).toBe(heartbeats);
      expect(policy.remoteTopic('primary', 'orders')).toBe(name === 'default' ? orders : 'orders');
    }
  });

  it.each(['.', '_', '--'])('of internal topics keep "." where the separator %s is not for them', (separator) => {
    for (const name of ['default', 'identity'] as const) {
      const policy = createReplicationPolicy(name, separator, false);
      expect(policy.offsetSyncsTopic('dr')).toBe('mm2-offset-syncs.dr.internal');
      expect(policy.checkpointsTopic('primary')).toBe('primary.checkpoints.internal');
      expect(policy.remoteHeartbeatsTopic('primary')).toBe(`primary${separator}heartbeats`);
    }
  });

  it.each([
    ['orders', null, null],
    ['primary.orders', 'primary', 'orders'],
    ['a.b.orders', 'a', 'b.orders'],
    ['orders.', null, null],
    ['orders..', null, null],
    ['.', null, null],
    ['heartbeats', null, null],
    ['primary.heartbeats', 'primary', 'heartbeats'],
    ['a.b.heartbeats', 'a', 'b.heartbeats'],
  ])('default: "%s" came from %s as %s', (topic, source, upstream) => {
    const policy = createReplicationPolicy('default');
    expect([policy.topicSource(topic), policy.upstreamTopic(topic)]).toEqual([source, upstream]);
  });

  it.each([
    ['orders', null, null],
    ['primary.orders', null, null],
    ['heartbeats', null, null],
    ['primary.heartbeats', 'primary', 'heartbeats'],
    ['a.b.heartbeats', 'a', 'b.heartbeats'],
    ['user-heartbeats', null, null],
  ])('identity: "%s" came from %s as %s, as far as names tell', (topic, source, upstream) => {
    const policy = createReplicationPolicy('identity');
    expect([policy.topicSource(topic), policy.upstreamTopic(topic)]).toEqual([source, upstream]);
  });

  it('renames whatever ends like a heartbeats topic under identity too', () => {
    const policy = createReplicationPolicy('identity');
    expect(policy.remoteTopic('primary', 'user-heartbeats')).toBe('primary.user-heartbeats');
    expect(policy.remoteTopic('primary', 'heartbeats.x')).toBe('heartbeats.x');
  });

  it('finds its way back from every copy', () => {
    const text = fc.stringMatching(/^[a-zA-Z0-9]{1,10}$/);
    const separators = fc.constantFrom('.', '_', '-', '--', '.-.');
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1 }), separators, (source, parts, separator) => {
        const policy = createReplicationPolicy('default', separator);
        const topic = parts.join(separator);
        const remote = policy.remoteTopic(source, topic);
        expect([policy.topicSource(remote), policy.upstreamTopic(remote)]).toEqual([source, topic]);
      }),
    );
  });
});

describe('isInternalTopic', () => {
  it('knows the internal topics of every policy, separator and alias', () => {
    const alias = fc.stringMatching(/^[a-zA-Z0-9]{1,12}$/);
    const separator = fc.stringMatching(/^[._-]{1,4}$/);
    fc.assert(
      fc.property(
        fc.constantFrom('default', 'identity'),
        separator,
        fc.boolean(),
        alias,
        (name, between, inner, at) => {
          const policy = createReplicationPolicy(name, between, inner);
          const names = [policy.offsetSyncsTopic(at), policy.checkpointsTopic(at), policy.remoteHeartbeatsTopic(at)];
          expect(names.filter((topic) => !isInternalTopic(topic))).toEqual([]);
        },
      ),
    );
  });

  it.each([
    ...['__consumer_offsets', '.hidden', 'mm2-offset-syncs.dr.internal', 'mm2-configs.a.internal'],
    ...['mm2-connect-offsets.internal', 'primary.checkpoints.internal', 'primary_checkpoints_internal'],
    ...['mm2-offset-syncs--dr--internal', 'heartbeats', 'primary.heartbeats', 'dr_heartbeats', '__kmk_state'],
    ...['kmk-canary', 'primary.kmk-canary'],
  ])('%s is', (topic) => expect(isInternalTopic(topic)).toBe(true));

  it.each(['orders', 'orders.internal', 'orders-internal', 'myheartbeats', 'checkpoints', 'my-kmk-canary.v2'])(
    '%s is not',
    (topic) => expect(isInternalTopic(topic)).toBe(false),
  );
});
