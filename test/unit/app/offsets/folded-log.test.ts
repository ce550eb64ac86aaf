import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldedLog } from '../../../../src/app/offsets/folded-log.ts';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import type { ReadSync } from '../../../../src/domain/watch/sampled-syncs.ts';

const { signal } = new AbortController();
const TOPIC = 'mm2-offset-syncs.dr.internal';

/** A cluster with a syncs topic that grows, and may be deleted and created anew. */
class Cluster {
  #log: ReadSync[] = [];
  #id: string | null = null;
  #ids = 0;
  /** Offsets that were delivered, of all logs. */
  delivered = 0;
  failing = false;

  readonly admin = {
    topicIds: () => Promise.resolve(new Map(this.#id === null ? [] : [[TOPIC, this.#id]])),
  } as unknown as KafkaAdmin;

  create(): void {
    this.#ids += 1;
    this.#id = String(this.#ids);
    this.#log = [];
  }

  append(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const at = BigInt(this.#log.length);
      this.#log.push({
        ...{ topic: 'orders', partition: this.#ids, upstreamOffset: at, downstreamOffset: at },
        generation: null,
      });
    }
  }

  /** Called while the log is read. */
  meanwhile = (): void => undefined;

  readonly read = async (from: bigint) => {
    await Promise.resolve();
    if (this.failing) throw new Error('the cluster does not answer');
    if (this.#id === null || from > BigInt(this.#log.length)) return { records: [], next: 0n };
    const records = this.#log.slice(Number(from));
    this.delivered += records.length;
    const next = BigInt(this.#log.length);
    this.meanwhile();
    return { records, next };
  };

  /** As when a replica leads that had not got everything. */
  cutOff(end: number): void {
    this.#log.length = end;
  }

  all(): readonly ReadSync[] {
    return this.#id === null ? [] : [...this.#log];
  }

  syncs(): Promise<readonly ReadSync[]> {
    const fold = (known: readonly ReadSync[], records: readonly ReadSync[]) => [...known, ...records];
    return foldedLog(this.admin, TOPIC, { begin: [], fold, read: this.read }, signal);
  }
}

describe('foldedLog', () => {
  it('gives what the topic holds, whatever happened to it, and reads each sync once', async () => {
    const what = fc.oneof(
      fc.record({ append: fc.nat({ max: 5 }) }),
      fc.constantFrom('create' as const, 'read' as const, 'fail' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(what, { maxLength: 30 }), async (story) => {
        const cluster = new Cluster();
        cluster.create();
        let written = 0;
        for (const happened of story) {
          if (happened === 'create') cluster.create();
          else if (happened === 'read') expect(await cluster.syncs()).toEqual(cluster.all());
          else if (happened === 'fail') {
            cluster.failing = true;
            await expect(cluster.syncs()).rejects.toThrow('does not answer');
            cluster.failing = false;
          } else {
            cluster.append(happened.append);
            written += happened.append;
          }
        }
        expect(await cluster.syncs()).toEqual(cluster.all());
        expect(cluster.delivered).toBeLessThanOrEqual(written);
      }),
    );
  });

  it('gives two that ask at once the same, and nothing twice', async () => {
    const cluster = new Cluster();
    cluster.create();
    cluster.append(7);
    expect(await Promise.all([cluster.syncs(), cluster.syncs(), cluster.syncs()])).toEqual(
      Array.from({ length: 3 }, () => cluster.all()),
    );
    expect(cluster.delivered).toBe(7);
  });

  it('gives none of a log that was cut off, or was another one when its reading ended', async () => {
    const cluster = new Cluster();
    cluster.create();
    cluster.append(7);
    await cluster.syncs();
    cluster.cutOff(3);
    expect(await cluster.syncs()).toEqual(cluster.all());
    cluster.meanwhile = () => {
      cluster.meanwhile = () => undefined;
      cluster.create();
      cluster.append(9);
    };
    cluster.append(1);
    expect(await cluster.syncs()).toEqual(cluster.all());
    expect(cluster.all()).toHaveLength(9);
  });

  it('gives nothing where there is no such topic', async () => {
    expect(await new Cluster().syncs()).toEqual([]);
  });
});
