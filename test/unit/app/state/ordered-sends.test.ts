import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../../src/app/ports/record-client.ts';
import { orderedSends } from '../../../../src/app/state/ordered-sends.ts';

const record = (key: string): OutgoingRecord => ({ key, value: key, partition: 0 });

/** A cluster that answers when it is told to. */
class Cluster {
  readonly asked: string[][] = [];
  readonly #answers: (() => void)[] = [];

  send = (_: string, records: readonly OutgoingRecord[]): Promise<never[]> => {
    this.asked.push(records.map(({ key }) => String(key)));
    return new Promise((resolve, reject) => {
      this.#answers.push(() => {
        if (this.failing) reject(new Error(`no answer to ${this.asked.length}`));
        else resolve([]);
      });
    });
  };
  failing = false;

  async answer(): Promise<void> {
    this.#answers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('orderedSends', () => {
  it('keeps the order, and sends together what came while something was on its way', async () => {
    const cluster = new Cluster();
    const { send, flush } = orderedSends(cluster);
    send([record('a')]);
    await cluster.answer();
    for (const key of ['b', 'c', 'd']) send([record(key)]);
    await cluster.answer();
    expect(cluster.asked).toEqual([['a'], ['b', 'c', 'd']]);
    const flushed = flush();
    await cluster.answer();
    await expect(flushed).resolves.toBeUndefined();
  });

  it('waits for a cluster that does not answer twice at most before it is asked for all, and once more then', async () => {
    const cluster = new Cluster();
    cluster.failing = true;
    const { send, flush, settled } = orderedSends(cluster);
    send([record('a')]);
    await Promise.resolve();
    for (const key of ['b', 'c', 'd', 'e']) send([record(key)]);
    // As many as wait find nothing new: what failed goes with what comes next, or when all are asked for.
    for (let answers = 0; answers < 5; answers += 1) await cluster.answer();
    await settled();
    const flushed = expect(flush()).rejects.toThrow('no answer to');
    await new Promise((resolve) => setImmediate(resolve));
    await cluster.answer();
    await flushed;
    expect(cluster.asked[0]).toEqual(['a']);
    expect(cluster.asked.at(-1)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(cluster.asked).toHaveLength(3);
  });

  it('sends what has failed once more, in order, when all is asked for', async () => {
    const cluster = new Cluster();
    cluster.failing = true;
    const { send, flush, settled } = orderedSends(cluster);
    send([record('a')]);
    await Promise.resolve();
    await cluster.answer();
    await settled();
    cluster.failing = false;
    const flushed = flush();
    await new Promise((resolve) => setImmediate(resolve));
    await cluster.answer();
    await flushed;
    send([record('b')]);
    await new Promise((resolve) => setImmediate(resolve));
    await cluster.answer();
    await settled();
    expect(cluster.asked).toEqual([['a'], ['a'], ['b']]);
  });
});
