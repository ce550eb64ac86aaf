import { describe, expect, it } from 'vitest';
import { settledSyncs } from '../../../../src/app/offsets/settled-syncs.ts';
import type { Settled } from '../../../../src/domain/lab/lab-record.ts';
import type { Flow } from '../../../../src/domain/setup.ts';
import { Syncs } from '../../../../src/domain/sync-history.ts';
import { labRecord } from '../../../fakes/lab.ts';

const flow = { source: 'primary', target: 'dr' } as Flow;
const history = new Map([
  ['orders/0', new Syncs([{ upstream: 7n, downstream: 7n }])],
  ['other/0', new Syncs([{ upstream: 3n, downstream: 3n }])],
]);

/** Upstream offsets of the syncs that count, where the flow began anew at 20, 15. */
function counted(key: string, topicId?: string, ids: ReadonlyMap<string, string> | null = null): bigint[] {
  const at = { topic: 'orders', partition: 0, u: '20', d: '15' };
  const mark: Settled = topicId === undefined ? at : { ...at, topicId };
  const record = labRecord({ settled: { 'primary->dr': [mark] } });
  return settledSyncs({ record }, flow, history, ids)(key).pairs.map(({ upstream }) => upstream);
}

describe('settledSyncs', () => {
  it('begins where the flow began anew, and leaves other partitions as they are', () => {
    expect(counted('orders/0')).toEqual([19n]);
    expect(counted('other/0')).toEqual([3n]);
    expect(counted('unknown/0')).toEqual([]);
  });

  it('takes nothing for settled in a topic that was deleted and created anew', () => {
    const now = new Map([['orders', 'second']]);
    expect(counted('orders/0', 'first', now)).toEqual([7n]);
    expect(counted('orders/0', 'second', now)).toEqual([19n]);
    expect(counted('orders/0', 'first')).toEqual([19n]);
    expect(counted('orders/0', undefined, now)).toEqual([19n]);
  });
});
