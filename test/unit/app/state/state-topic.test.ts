import { describe, expect, it } from 'vitest';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import { changeState } from '../../../../src/app/state/state-topic.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { fakeLab } from '../../../fakes/lab.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';

const { signal } = new AbortController();

/** A cluster whose attempts take a while and are fenced by somebody else the first times. */
function contended(attemptMs: number, fencedTimes: number) {
  const tools = fakeToolbox();
  let attempts = 0;
  const transact: KafkaAdmin['transact'] = () => {
    tools.clock.advance(attemptMs);
    attempts += 1;
    if (attempts > fencedTimes) return Promise.resolve();
    const context = { error: 'PRODUCER_FENCED' };
    return Promise.reject(new KmkError('KMK_KAFKA_REQUEST', 'somebody else began a transaction', { context }));
  };
  const range = { topic: '__kmk_state', partition: 0, start: 0n, end: 0n };
  const admin = { transact, logRanges: () => Promise.resolve([range]) } as unknown as KafkaAdmin;
  const lab = { ...fakeLab(), tools: { ...tools, admin: () => Promise.resolve(admin) } };
  return { lab, slept: tools.clock.slept, attempts: () => attempts };
}

describe('changeState', () => {
  it.each([10, 1000])('who is fenced leaves the other one more time than an attempt takes (%i ms)', async (ms) => {
    const { lab, slept } = contended(ms, 3);
    await changeState(lab, 'dr', () => ({}), signal);
    expect(slept).toHaveLength(3);
    for (const waited of slept) expect(waited).toBeGreaterThanOrEqual(Math.max(50, 2 * ms));
    expect(slept).toEqual(slept.toSorted((a, b) => a - b));
  });

  it('gives up after five attempts, with what the broker said', async () => {
    const { lab, attempts } = contended(10, 99);
    await expect(changeState(lab, 'dr', () => ({}), signal)).rejects.toMatchObject({
      code: 'KMK_KAFKA_REQUEST',
      context: { error: 'PRODUCER_FENCED' },
    });
    expect(attempts()).toBe(5);
  });
});
