import { SILENCE_MS } from '../../domain/heartbeat.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** What MM2 had read before its source died is on the target by then: it polls and writes within a second. */
const IN_FLIGHT_MS = 1000;
const POLL_MS = 250;

/** Age of the newest record of a one-partition topic; null where there is none or nobody answers. */
export async function ageOfLast(lab: Lab, alias: string, topic: string, signal: AbortSignal): Promise<number | null> {
  const at = await timeOfLast(lab, alias, topic, signal);
  return at === null ? null : Math.max(0, lab.tools.clock.now() - at);
}

/** Time of the newest record of a one-partition topic, epoch ms; null where there is none or nobody answers. */
export async function timeOfLast(lab: Lab, alias: string, topic: string, signal: AbortSignal): Promise<number | null> {
  try {
    const admin = await adminOf(lab, alias);
    const range = (await admin.logRanges([topic], signal)).find(({ partition }) => partition === 0);
    if (range === undefined || range.end <= range.start) return null;
    const times: number[] = [];
    // Compaction may have taken the very last offsets of a quiet topic: look a little further back.
    const from = range.end - 20n > range.start ? range.end - 20n : range.start;
    await admin.readPartition(range, (record) => times.push(record.timestampMs), {
      from,
      signal,
    });
    return times.length === 0 ? null : Math.max(...times);
  } catch {
    return null;
  }
}

/**
 * MM2's own view of a source that is asked for an answer (true once it has come): whether a newer heartbeat crosses while
 * it stays silent. A source that refuses connections at once is gone: that takes no time to see, and nothing is waited for.
 */
export async function heartbeatsCross(
  lab: Lab,
  flow: Flow,
  answered: Promise<boolean> | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock } = lab.tools;
  const topic = lab.layout.policy.remoteHeartbeatsTopic(flow.source);
  const newest = (): Promise<number | null> => timeOfLast(lab, flow.target, topic, signal);
  const over = new AbortController();
  const known = Promise.resolve(answered).finally(() => over.abort());
  const until = clock.now() + SILENCE_MS;
  const inFlight = clock.sleep(IN_FLIGHT_MS, AbortSignal.any([signal, over.signal]));
  const first = await inFlight.then(newest, () => null);
  if ((await known) !== false || first === null) return false;
  for (;;) {
    const last = await newest();
    if (last !== null && last > first) return true;
    if (clock.now() >= until) return false;
    await clock.sleep(POLL_MS, signal);
  }
}
