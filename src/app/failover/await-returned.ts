import type { Watermark } from '../../domain/lab/lab-record.ts';
import type { NotReturned } from '../../domain/returned.ts';
import { notReturned, notReturnedText, refuseNotReturned } from '../../domain/returned.ts';
import type { Flow } from '../../domain/setup.ts';
import { min } from '../../domain/sync-history.ts';
import { partitionKey } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { recordTopicIds } from '../offsets/flow-translator.ts';
import { readSyncs } from '../offsets/mm2-records.ts';

/** Brokers elect leaders and load topics one after the other when they come back; seconds for thousands of partitions. */
const RETURN_LIMIT_MS = 60_000;
const POLL_MS = 200;

/**
 * Waits until every partition that was copied from the returned cluster has a leader and ends where it was copied up to:
 * an end read before that would make stranded records of it look like none. A topic that a KRaft cluster does not know
 * was deleted, and that is said; with ZooKeeper a broker may not have been told of it yet. Throws KMK_WRONG_STATE where
 * records are gone that `acceptLoss` does not give up.
 */
export async function awaitReturned(
  lab: Lab,
  forward: Flow,
  acceptLoss: number | null,
  signal: AbortSignal,
): Promise<void> {
  const { source } = forward;
  const marks = await copiedMarks(lab, forward, signal);
  const { clock, events } = lab.tools;
  const admin = await adminOf(lab, source);
  const deadline = clock.now() + RETURN_LIMIT_MS;
  const knowsAll = lab.record.setup.kafka.mode === 'kraft';
  for (;;) {
    const there = new Set(await admin.listTopics(signal));
    const topics = [...new Set(marks.map(({ topic }) => topic))];
    const ranges = await admin.logRanges(
      topics.filter((topic) => there.has(topic)),
      signal,
    );
    const left = notReturned(marks, ranges);
    const deleted = knowsAll ? left.filter(({ topic }) => !there.has(topic)) : [];
    const waiting = left.filter((at) => !deleted.includes(at));
    const [first] = waiting;
    if (first === undefined) {
      warnOfDeleted(lab, source, deleted);
      return;
    }
    if (clock.now() >= deadline) {
      refuseNotReturned(source, waiting, acceptLoss);
      return;
    }
    const text = `${waiting.length} partitions are not back yet: ${notReturnedText(first)}`;
    events.emit('step.progress', { id: 'stranded', text });
    await clock.sleep(POLL_MS, signal);
  }
}

/**
 * What certainly was copied of each partition. A mark of a failover is an estimate, which copies that came twice make too
 * high: it counts up to what the syncs name. Topics that were created anew since are another matter.
 */
async function copiedMarks(lab: Lab, forward: Flow, signal: AbortSignal): Promise<readonly Watermark[]> {
  const marks = (lab.record.promotion ?? lab.record.moved)?.mirrored ?? [];
  const [recreated, syncs] = await Promise.all([recordTopicIds(lab, forward, signal), readSyncs(lab, forward, signal)]);
  return marks.flatMap((mark) => {
    if (mark.u === null || recreated.has(mark.topic)) return [];
    const named = syncs.get(partitionKey(mark))?.highestCopied() ?? null;
    const u = named === null ? BigInt(mark.u) : min(BigInt(mark.u), named + 1n);
    return [{ ...mark, u: u.toString() }];
  });
}

function warnOfDeleted(lab: Lab, alias: string, deleted: readonly NotReturned[]): void {
  const topics = [...new Set(deleted.map(({ topic }) => topic))];
  if (topics.length === 0) return;
  const text = `topics that were copied from "${alias}" are not there any more: ${topics.slice(0, 5).join(', ')}`;
  const more = topics.length > 5 ? ` and ${topics.length - 5} more` : '';
  lab.tools.events.emit('warning', { text: `${text}${more}` });
}
