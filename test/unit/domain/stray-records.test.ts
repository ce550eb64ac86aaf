import { describe, expect, it } from 'vitest';
import { standbyUntouched, strayText, strayWarnings } from '../../../src/domain/stray-records.ts';

const part = (topic: string, records: number) => ({ topic, partition: 0, from: '0', to: String(records), records });

describe('strays on a closed side', () => {
  it('fail the check with the worst partition first', () => {
    const check = standbyUntouched([{ alias: 'dr', parts: [part('a', 1), part('b', 7)] }]);
    expect(check).toMatchObject({ id: 'standby.untouched', verdict: 'fail' });
    expect(check.message).toContain('8 records were written on "dr" while it was closed: b-0 (7), a-0 (1)');
  });

  it('name a few partitions of thousands, and how many there are besides', () => {
    const parts = Array.from({ length: 2000 }, (_, index) => part(`t${index}`, 1));
    expect(strayText('dr', parts).length).toBeLessThan(150);
    expect(strayText('dr', parts)).toContain('and 1995 more');
  });

  it('are unknown where nobody knows how the side was, unless another one fails', () => {
    expect(standbyUntouched([{ alias: 'dr', parts: null }]).verdict).toBe('inconclusive');
    const both = [{ alias: 'dr', parts: null } as const, { alias: 'eu', parts: [part('a', 1)] }];
    expect(standbyUntouched(both).verdict).toBe('fail');
  });

  it('are none where nothing was written', () => {
    expect(standbyUntouched([{ alias: 'dr', parts: [] }])).toMatchObject({
      verdict: 'pass',
      message: 'nobody but MM2 wrote on "dr"',
    });
    expect(standbyUntouched([])).toMatchObject({ verdict: 'pass', message: 'no cluster is closed' });
    expect(strayWarnings([{ alias: 'dr', parts: [] }])).toEqual([]);
    expect(strayWarnings(undefined)).toEqual([]);
  });
});
