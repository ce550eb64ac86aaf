import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatedRecords } from '../../../../src/app/produce/record-source.ts';
import type { SendRequest } from '../../../../src/app/produce/send-all.ts';
import { dueNow, sendAll } from '../../../../src/app/produce/send-all.ts';
import { spanText, Tally } from '../../../../src/app/produce/tally.ts';
import type { Acknowledgement, RecordProducer } from '../../../../src/app/ports/record-client.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

/** Acknowledges the records of each send, unless `fails` has its number. */
function producer(fails: (send: number) => boolean = () => false): RecordProducer & { readonly sizes: number[] } {
  const sizes: number[] = [];
  let next = 0n;
  return {
    sizes,
    send(topic, records) {
      sizes.push(records.length);
      if (fails(sizes.length)) return Promise.reject(new KmkError('KMK_KAFKA_UNREACHABLE', 'gone'));
      const acknowledgement: Acknowledgement = { topic, partition: 0, firstOffset: next, count: records.length };
      next += BigInt(records.length);
      return Promise.resolve([acknowledgement]);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function request(change: Partial<SendRequest> & Pick<SendRequest, 'producer'>): SendRequest {
  const shape = { key: null, headers: {}, partition: null, partitions: 1 };
  return {
    topic: 't',
    source: generatedRecords(shape, { size: 10, cluster: 'primary', now: () => 0 }),
    messages: null,
    durationMs: null,
    rate: null,
    recordBytes: 10,
    onProgress: () => undefined,
    ...change,
  };
}

const never = new AbortController().signal;

describe('sendAll', () => {
  it('sends exactly the number asked for, in sends that stay small', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 1, max: 300_000 }),
        async (messages, recordBytes) => {
          const using = producer();
          const tally = new Tally();
          const sent = await sendAll(
            new ManualClock(),
            request({ producer: using, messages, recordBytes }),
            tally,
            never,
          );
          expect({ sent, acknowledged: tally.acknowledged }).toEqual({ sent: messages, acknowledged: messages });
          expect(Math.max(...using.sizes) * recordBytes).toBeLessThanOrEqual(Math.max(recordBytes, 256 * 1024));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps to a rate and ends with the time', async () => {
    const tally = new Tally();
    const paced = request({ producer: producer(), rate: 50, durationMs: 2000 });
    await sendAll(new ManualClock(), paced, tally, never);
    expect(tally.acknowledged).toBe(100);
  });

  it('stops at the first failure and accounts for every record', async () => {
    const tally = new Tally();
    const failing = request({ producer: producer((send) => send === 2), messages: 10_000, recordBytes: 1000 });
    const sent = await sendAll(new ManualClock(), failing, tally, never);
    expect(sent).toBeLessThan(10_000);
    const open = tally.unacknowledged(sent, 10_000).map(spanText);
    expect(open[0]).toMatch(/^263-/);
    expect(tally.failure?.code).toBe('KMK_KAFKA_UNREACHABLE');
  });

  it('stops when the signal aborts, also while the source waits for somebody who types', async () => {
    const stop = new AbortController();
    const source = { take: () => new Promise<never>(() => undefined) };
    const sending = sendAll(new ManualClock(), request({ producer: producer(), source }), new Tally(), stop.signal);
    stop.abort();
    expect(await sending).toBe(0);
  });
});

describe('dueNow', () => {
  it('allows the first record at once and then one each 1/rate seconds', () => {
    expect([0, 99, 100, 1000].map((elapsed) => dueNow(10, elapsed))).toEqual([1, 1, 2, 11]);
    expect(dueNow(0.5, 1999)).toBe(1);
    expect(dueNow(null, 0)).toBe(Infinity);
  });
});
