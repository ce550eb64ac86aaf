import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseOf } from '../../../src/kafka/admin/broker-version.ts';
import { abortable } from '../../../src/kafka/client/abortable.ts';
import { parseBootstrap } from '../../../src/kafka/client/connect-options.ts';
import { loadInternals } from '../../../src/kafka/client/kafkajs-internals.ts';
import { patchIdleTimer } from '../../../src/kafka/client/idle-timer.ts';
import { pickVersion } from '../../../src/kafka/client/versions.ts';
import { murmur2, partitionOfKey } from '../../../src/kafka/producer/partitioner.ts';
import { LIST_GROUPS } from '../../../src/kafka/wire/api/list-groups.ts';
import { errorName, isRetriable } from '../../../src/kafka/wire/errors.ts';

describe('bootstrap addresses', () => {
  it('are host:port pairs, also with IPv6 and a listener name', () => {
    expect(parseBootstrap('a:1, [::1]:9092,CLIENT://b.c:65535')).toEqual([
      { host: 'a', port: 1 },
      { host: '::1', port: 9092 },
      { host: 'b.c', port: 65_535 },
    ]);
  });

  it.each(['', ',', 'a', 'a:', 'a:0', 'a:65536', ':1', 'a:b', 'a:1:2'])('refuse %j', (text) => {
    expect(() => parseBootstrap(text)).toThrow(expect.objectContaining({ code: 'KMK_USAGE' }));
  });
});

describe('the private pieces of kafkajs', () => {
  it('are where the adapter expects them', () => {
    expect(loadInternals()).toBeDefined();
  });

  it('arm no timer for an idle connection', () => {
    patchIdleTimer();
    const { prototype } = loadInternals().RequestQueue;
    const queue = { pending: [] as unknown[], throttledUntil: -1, throttleCheckTimeoutId: null };
    prototype.scheduleCheckPendingRequests.call(queue as never);
    expect(queue.throttleCheckTimeoutId).toBeNull();
    queue.pending.push({});
    prototype.scheduleCheckPendingRequests.call(queue as never);
    expect(queue.throttleCheckTimeoutId).not.toBeNull();
    clearTimeout(queue.throttleCheckTimeoutId as never);
  });
});

describe('version choice', () => {
  it('takes the highest version of both sides, or names what is missing', () => {
    const versions = fc
      .tuple(fc.nat(9), fc.nat(9))
      .map(([a, b]) => ({ minVersion: Math.min(a, b), maxVersion: Math.max(a, b) }));
    fc.assert(
      fc.property(versions, (range) => {
        const ranges = { [LIST_GROUPS.key]: range };
        if (range.minVersion > LIST_GROUPS.max) expect(() => pickVersion(LIST_GROUPS, ranges)).toThrow(/ListGroups/);
        else expect(pickVersion(LIST_GROUPS, ranges)).toBe(Math.min(LIST_GROUPS.max, range.maxVersion));
      }),
    );
    expect(() => pickVersion(LIST_GROUPS, {})).toThrow(/serves ListGroups not at all/);
  });
});

describe('error codes', () => {
  it('have the names of the protocol', () => {
    expect([-1, 0, 3, 25, 69, 113, 133, 999].map(errorName)).toEqual([
      ...['UNKNOWN_SERVER_ERROR', 'NONE', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_MEMBER_ID', 'GROUP_ID_NOT_FOUND'],
      ...['STALE_MEMBER_EPOCH', 'SHARE_SESSION_LIMIT_REACHED', 'ERROR_999'],
    ]);
    expect(isRetriable('NOT_COORDINATOR')).toBe(true);
    expect(isRetriable('UNKNOWN_TOPIC_OR_PARTITION')).toBe(false);
  });
});

describe('broker release', () => {
  it.each([
    [30, '4.3'],
    [31, '4.3'],
    [29, '4.2'],
    [25, '4.0'],
    [21, '3.9'],
    [19, '3.7'],
    [0, null],
  ])('metadata.version %i is %s', (maxVersion, release) => {
    expect(releaseOf({ supportedFeatures: [{ name: 'metadata.version', minVersion: 1, maxVersion }] })).toBe(release);
  });
});

describe('keys', () => {
  it('hash as in Java', () => {
    // org.apache.kafka.common.utils.Utils.murmur2, from its own test.
    const known: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ];
    for (const [key, hash] of known) expect(murmur2(Buffer.from(key))).toBe(hash);
    expect(partitionOfKey('foobar', 3)).toBe((-790332482 & 0x7fffffff) % 3);
  });
});

describe('abortable', () => {
  it('rejects with the reason of the signal at once and leaves no listener behind', async () => {
    const controller = new AbortController();
    const never = abortable(new Promise<never>(() => undefined), controller.signal);
    controller.abort();
    await expect(never).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
    await expect(abortable(Promise.resolve(1), controller.signal)).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
    await expect(abortable(Promise.resolve(1), new AbortController().signal)).resolves.toBe(1);
  });
});
