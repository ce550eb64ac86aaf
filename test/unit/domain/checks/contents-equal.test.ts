import { describe, expect, it } from 'vitest';
import { contentsEqual } from '../../../../src/domain/checks/contents-equal.ts';
import type { PartitionAudit } from '../../../../src/domain/documents.ts';

const WHOLE: PartitionAudit = {
  ...{ topic: 'orders', remoteTopic: 'primary.orders', partition: 2, complete: true },
  source: { start: '0', end: '10', records: 10 },
  target: { start: '0', end: '10', records: 10 },
  ...{ matched: 10, inFlight: 0, cutOnSource: 0, cutOnTarget: 0, compacted: 0, own: 0 },
  ...{ missing: 0, extra: 0, duplicated: 0, reordered: 0, altered: 0, findings: [] },
};

const judge = (...partitions: PartitionAudit[]) =>
  contentsEqual({ records: 0, durationMs: 1, recordsPerSecond: 0, partitions });

describe('contents.equal', () => {
  it('passes where every record has its copy, and says what was left out of the comparison', () => {
    const { verdict, message } = judge(WHOLE, { ...WHOLE, inFlight: 3, cutOnSource: 2, cutOnTarget: 1, own: 4 });
    expect(verdict).toBe('pass');
    expect(message).toContain('20 records in 2 partitions');
    for (const text of ['3 in flight', '3 gone on one side by retention', '4 of its own'])
      expect(message).toContain(text);
  });

  it.each(['missing', 'extra', 'duplicated', 'reordered', 'altered'] as const)('fails where one is %s', (kind) => {
    expect(judge(WHOLE, { ...WHOLE, [kind]: 1 })).toMatchObject({ verdict: 'fail', message: `orders-2: 1 ${kind}` });
  });

  it('fails where too much differs to go on', () => {
    expect(judge({ ...WHOLE, complete: false }).verdict).toBe('fail');
  });

  it('has nothing to say of nothing', () => {
    expect(judge().verdict).toBe('skipped');
  });
});
