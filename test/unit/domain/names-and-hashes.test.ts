import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIdle } from '../../../src/domain/consumer-group.ts';
import { fnv1a } from '../../../src/domain/hash.ts';
import { isTopicName, partitionKey } from '../../../src/domain/topic.ts';

describe('fnv1a', () => {
  // Test vectors of the FNV authors (draft-eastlake-fnv), 64 bits.
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('of "%s" is %s', (text, hash) => expect(fnv1a(text)).toBe(hash));

  it('hashes bytes of UTF-8 into 16 hex digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fnv1a(text)).toMatch(/^[0-9a-f]{16}$/);
      }),
    );
    expect(fnv1a('é')).not.toBe(fnv1a('e'));
  });
});

describe('isIdle', () => {
  const member = { memberId: 'm', clientId: 'c', host: '/127.0.0.1' };
  it.each([
    ['Empty', [], true],
    ['Dead', [], true],
    ['Stable', [member], false],
    ['Empty', [member], false],
    ['PreparingRebalance', [], false],
    ['Assigning', [], false],
  ])('%s with %o: %s', (state, members, idle) => expect(isIdle({ state, members })).toBe(idle));
});

describe('isTopicName', () => {
  it('takes letters, digits, dots, dashes and underscores, up to 249', () => {
    const character = fc.constantFrom('a', 'z', 'A', 'Z', '0', '9', '.', '_', '-');
    const name = fc.string({ unit: character, minLength: 1, maxLength: 249 });
    fc.assert(
      fc.property(name, (text) => {
        expect(isTopicName(text)).toBe(text !== '.' && text !== '..');
      }),
    );
  });

  it.each(['', '.', '..', 'a'.repeat(250), 'a b', 'a/b', 'a\n', 'ö', 'a,b', '*'])('refuses "%s"', (text) =>
    expect(isTopicName(text)).toBe(false),
  );
});

describe('partitionKey', () => {
  it('is different for different partitions of topics that exist', () => {
    const at = fc.record({ topic: fc.stringMatching(/^[a-z0-9._-]{1,6}$/), partition: fc.nat(20) });
    fc.assert(
      fc.property(at, at, (a, b) => {
        const same = a.topic === b.topic && a.partition === b.partition;
        expect(partitionKey(a) === partitionKey(b)).toBe(same);
      }),
    );
  });
});
