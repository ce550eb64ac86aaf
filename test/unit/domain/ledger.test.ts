import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACK_SPAN_MS, AckTimes } from '../../../src/domain/ack-times.ts';
import { ClusterAudit } from '../../../src/domain/ledger-audit.ts';
import { createStreamLedger } from '../../../src/domain/ledger.ts';
import { summarise, totalsOf } from '../../../src/domain/ledger-summary.ts';
import { IntervalSet } from '../../../src/domain/interval-set.ts';

function stampOf(seq: number, partition = 0) {
  return { run: 'r', stream: 'orders', partition, seq, site: 'primary', epoch: 1, hash: '' };
}

/** Adds one log's records, given as their numbers. */
function fill(audit: ClusterAudit, topic: string, numbers: readonly number[]): void {
  numbers.forEach((seq, index) =>
    audit.add({ topic, partition: 0, offset: BigInt(index), stamp: stampOf(seq), whole: true }),
  );
}

const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, n) => n);

describe('a ledger held against the logs', () => {
  it('never takes a number that was not acknowledged for lost', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), fc.array(fc.nat(59)), (acks, copies) => {
        const stream = createStreamLedger('orders', 'orders', 1);
        const [ledger] = stream.partitions;
        if (ledger === undefined) throw new Error('no partition');
        for (const acknowledged of acks) {
          const seq = ledger.give(1);
          if (acknowledged) ledger.acknowledge('primary', seq, 1, 1000 + seq);
        }
        const stored = new IntervalSet();
        for (const copy of copies) stored.add(copy);
        const lost = ledger.judgeLoss('primary', stored);
        const expected = acks.flatMap((acknowledged, seq) => (acknowledged && !copies.includes(seq) ? [seq] : []));
        expect(lost.size).toBe(expected.length);
        for (const seq of expected) expect(lost.has(seq)).toBe(true);
        for (const seq of expected) {
          expect(ledger.acknowledgedAt(seq)).toBeLessThanOrEqual(1000 + seq);
          expect(ledger.acknowledgedAt(seq)).toBeGreaterThan(1000 + seq - ACK_SPAN_MS);
        }
        for (const [seq, acknowledged] of acks.entries())
          if (!acknowledged) expect(ledger.acknowledgedAt(seq)).toBeNull();
      }),
    );
  });

  it('counts a lost record that arrives later as late, and still as lost', () => {
    const stream = createStreamLedger('orders', 'orders', 1);
    const [ledger] = stream.partitions;
    ledger?.give(10);
    ledger?.acknowledge('primary', 0, 10, 0);
    const early = new ClusterAudit('dr');
    fill(early, 'primary.orders', upTo(7));
    ledger?.judgeLoss('primary', early.stored('orders', 0));
    const primary = new ClusterAudit('primary');
    fill(primary, 'orders', upTo(10));
    const late = new ClusterAudit('dr');
    fill(late, 'primary.orders', upTo(9));
    expect(summarise(stream, [primary, late]).partitions[0]).toMatchObject({
      ...{ sent: 10, acknowledged: 10, replicated: 9, lost: 3, late: 2, duplicated: 0 },
    });
  });

  it('counts copies beyond the first in one log, but not the same number in two logs', () => {
    const stream = createStreamLedger('orders', 'orders', 1);
    const dr = new ClusterAudit('dr');
    fill(dr, 'primary.orders', [0, 1, 2, 1, 2, 3]);
    fill(dr, 'orders', [3, 4]);
    expect(summarise(stream, [dr]).partitions[0]?.duplicated).toBe(2);
    expect(dr.logs('orders', 0).map(({ disordered }) => disordered)).toEqual([1, 0]);
  });

  it('counts processing again as redelivered, per group', () => {
    const stream = createStreamLedger('orders', 'orders', 1);
    for (const seq of [0, 1, 2, 1, 2, 2]) stream.partitions[0]?.process('billing', seq);
    for (const seq of [0, 1, 2]) stream.partitions[0]?.process('audit', seq);
    const totals = totalsOf([summarise(stream, [])]);
    expect(totals).toMatchObject({ processed: 9, redelivered: 3 });
  });

  it('calls skipped what a position has passed and the group never processed', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.uniqueArray(fc.nat(19)), (position, processed) => {
        const stream = createStreamLedger('orders', 'orders', 1);
        const progress = {
          group: 'billing',
          positions: new Map([['primary.orders/0', BigInt(position)]]),
          isProcessed: (_stream: string, _partition: number, seq: number) => processed.includes(seq),
        };
        const audit = new ClusterAudit('dr', [progress]);
        fill(audit, 'primary.orders', upTo(20));
        for (const seq of processed) stream.partitions[0]?.process('billing', seq);
        stream.partitions[0]?.process('billing', 1000);
        const expected = upTo(20).filter((seq) => seq < position && !processed.includes(seq)).length;
        expect(audit.skipped('billing', 'orders', 0).size).toBe(expected);
        expect(summarise(stream, [audit]).partitions[0]?.skipped).toBe(expected);
      }),
    );
  });

  it('does not judge logs that a group has no position on', () => {
    const progress = { group: 'billing', positions: new Map<string, bigint>(), isProcessed: () => false };
    const audit = new ClusterAudit('dr', [progress]);
    fill(audit, 'primary.orders', upTo(5));
    expect(audit.skipped('billing', 'orders', 0).size).toBe(0);
  });

  it('tells damaged and misplaced records', () => {
    const audit = new ClusterAudit('dr');
    audit.add({ topic: 't', partition: 0, offset: 0n, stamp: stampOf(0), whole: false });
    audit.add({ topic: 't', partition: 1, offset: 0n, stamp: stampOf(1, 0), whole: true });
    expect([audit.damaged, audit.misplaced, audit.records]).toEqual([1, 1, 2]);
  });
});

describe('times of acknowledgements', () => {
  it('are those of the runs that they came in, early by less than a span, whatever the pace', () => {
    const runs = fc.array(fc.record({ count: fc.integer({ min: 1, max: 50 }), afterMs: fc.nat(400) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(runs, (batches) => {
        const times = new AckTimes();
        let [first, atMs] = [0, 1_700_000_000_000];
        const told: [seq: number, atMs: number][] = [];
        for (const { count, afterMs } of batches) {
          atMs += afterMs;
          times.add(first, atMs);
          told.push([first, atMs], [first + count - 1, atMs]);
          first += count;
        }
        for (const [seq, at] of told) {
          expect(times.at(seq)).toBeLessThanOrEqual(at);
          expect(times.at(seq)).toBeGreaterThan(at - ACK_SPAN_MS);
        }
        expect(times.at(-1)).toBeNull();
      }),
    );
  });

  it('take room by the time that passes, not by the records', () => {
    const times = new AckTimes();
    for (let run = 0; run < 100_000; run += 1) times.add(run * 100, run);
    expect(times.size).toBe(1000);
  });
});
