import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** Age of the newest record of a one-partition topic; null where there is none or nobody answers. */
export async function ageOfLast(lab: Lab, alias: string, topic: string, signal: AbortSignal): Promise<number | null> {
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
    return times.length === 0 ? null : Math.max(0, lab.tools.clock.now() - Math.max(...times));
  } catch {
    return null;
  }
}
