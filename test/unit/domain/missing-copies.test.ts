import { describe, expect, it } from 'vitest';
import { KmkError } from '../../../src/domain/errors.ts';
import type { ReturnFacts } from '../../../src/domain/missing-copies.ts';
import { judgeMissing } from '../../../src/domain/missing-copies.ts';

const part = (partition: number, records: number) => ({ topic: 'orders', partition, records });
const facts = (change: Partial<ReturnFacts> = {}): ReturnFacts => ({
  ...{ from: 'dr', to: 'primary', acceptLoss: null, discarded: 0, replayed: false },
  ...change,
});

function refused(work: () => unknown): KmkError {
  try {
    work();
  } catch (error) {
    if (error instanceof KmkError) return error;
  }
  throw new Error('was not refused');
}

describe('judgeMissing', () => {
  it('says that nothing is missing', () => {
    expect(judgeMissing([], facts())).toBe('0 records written on "dr" are missing on "primary"');
  });

  it('refuses what nobody has given up, names where it is and how to go on', () => {
    const { code, message, hints } = refused(() => judgeMissing([part(0, 2), part(2, 1)], facts({ acceptLoss: 2 })));
    expect(code).toBe('KMK_VERIFY_FAILED');
    expect(message).toBe('3 records written on "dr" are missing on "primary" (2 in orders-0, 1 in orders-2)');
    expect(hints.join(' ')).toContain('The flow dr->primary has not copied them');
    expect(hints.join(' ')).toContain('kmk failback --accept-loss 3');
  });

  it('lets as many go as were given up, stranded ones included', () => {
    const text = judgeMissing([part(0, 3)], facts({ acceptLoss: 3 }));
    expect(text).toContain('(3 in orders-0), given up as --accept-loss 3 allows');
    const discarded = { acceptLoss: 12, discarded: 10 };
    expect(judgeMissing([part(0, 2)], facts(discarded))).toContain('given up');
    const { hints } = refused(() => judgeMissing([part(0, 3)], facts(discarded)));
    expect(hints.join(' ')).toContain('--accept-loss 13');
  });

  it('says after a replay why records may have been left out', () => {
    const { hints } = refused(() => judgeMissing([part(0, 1)], facts({ replayed: true })));
    expect(hints[0]).toContain('of a replayed one are left out');
  });

  it('names five partitions and counts the others', () => {
    const parts = Array.from({ length: 7 }, (_, partition) => part(partition, 1));
    expect(refused(() => judgeMissing(parts, facts())).message).toContain('1 in orders-4 and 2 more partitions)');
  });
});
