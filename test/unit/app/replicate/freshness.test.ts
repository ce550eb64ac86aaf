import { describe, expect, it } from 'vitest';
import { flow } from '../../../../scripts/examples.ts';
import type { KafkaAdmin } from '../../../../src/app/ports/kafka-admin.ts';
import type { StoredRecord } from '../../../../src/app/ports/stored-record.ts';
import { heartbeatsCross } from '../../../../src/app/replicate/freshness.ts';
import { SILENCE_MS } from '../../../../src/domain/heartbeat.ts';
import { fakeLab } from '../../../fakes/lab.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

const NEVER = new AbortController().signal;

/** A standby to which heartbeats cross at these moments, in milliseconds from now; each was taken `ageMs` before. */
function standby(crossings: readonly number[], ageMs = 0) {
  const clock = new ManualClock(0);
  const admin = {
    logRanges: ([topic = '']: readonly string[]) => {
      const end = BigInt(crossings.filter((at) => at <= clock.now()).length);
      return Promise.resolve([{ topic, partition: 0, start: 0n, end }]);
    },
    readPartition: (_at: unknown, onRecord: (record: StoredRecord) => void) => {
      const known = crossings.filter((at) => at <= clock.now());
      for (const at of known) onRecord({ timestampMs: at - ageMs } as StoredRecord);
      return Promise.resolve({ next: BigInt(known.length) });
    },
  } as unknown as KafkaAdmin;
  const lab = fakeLab();
  return { clock, lab: { ...lab, tools: { ...lab.tools, clock, admin: () => Promise.resolve(admin) } } };
}

const every = (ms: number, until: number): number[] => Array.from({ length: until / ms }, (_, index) => index * ms);

describe('heartbeatsCross', () => {
  const silent = Promise.resolve(false);
  const cross = ({ lab }: ReturnType<typeof standby>, answered: Promise<boolean> = later(false)) =>
    heartbeatsCross(lab, flow('primary', 'dr'), answered, NEVER);

  /** The answer, or that there is none, comes when everything that is done meanwhile is done. */
  function later(answer: boolean): Promise<boolean> {
    return new Promise((resolve) => setTimeout(() => resolve(answer), 0));
  }

  it('sees a slow source live, however late and in whatever bunches its heartbeats come', async () => {
    await expect(cross(standby(every(1000, 60_000)))).resolves.toBe(true);
    await expect(cross(standby(every(4000, 60_000), 9000))).resolves.toBe(true);
  });

  it('finds none of a source that has died, once it has waited long enough', async () => {
    const dead = standby([-2000, -1000, 500]);
    await expect(cross(dead)).resolves.toBe(false);
    expect(dead.clock.now()).toBeGreaterThanOrEqual(SILENCE_MS);
    await expect(cross(standby([]))).resolves.toBe(false);
  });

  it('waits for nothing where the source answers, or refuses at once', async () => {
    const alive = standby(every(1000, 60_000));
    await expect(cross(alive, later(true))).resolves.toBe(false);
    expect(alive.clock.now()).toBeLessThanOrEqual(1000);
    await expect(heartbeatsCross(standby([]).lab, flow('primary', 'dr'), silent, NEVER)).resolves.toBe(false);
  });
});
