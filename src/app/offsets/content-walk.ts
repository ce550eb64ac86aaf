import { ContentWindow } from '../../domain/content-window.ts';
import type { Wanted } from '../../domain/exact-translation.ts';
import { fingerprint } from '../../domain/fingerprint.ts';
import { max } from '../../domain/sync-history.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** A window of more records is not compared: its fingerprints take some 200 bytes each. */
export const MOST_COMPARED = 1_000_000n;

/** A partition on both sides. */
export interface Twin {
  readonly topic: string;
  readonly remoteTopic: string;
  readonly partition: number;
  readonly remoteEnd: bigint;
}

/** Reads both logs once and matches their records; null where the window is too large. Holds one window in memory. */
export async function compareContents(
  lab: Lab,
  flow: Flow,
  twin: Twin,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<ContentWindow | null> {
  const { from, to, sourceFrom } = wanted;
  const { topic, remoteTopic, partition, remoteEnd } = twin;
  const end = to === null ? remoteEnd : to.downstream + 1n;
  if (end - from.downstream > MOST_COMPARED) return null;
  const [source, target] = await Promise.all([adminOf(lab, flow.source), adminOf(lab, flow.target)]);
  const withTimestamp =
    (await target.topicOverrides(remoteTopic, signal))['message.timestamp.type'] !== 'LogAppendTime';
  const window = new ContentWindow(wanted, remoteEnd);
  // Without read_committed MM2 copies what was aborted, too.
  const upTo = to === null ? {} : { to: to.upstream + 1n };
  let read = 0n;
  await source.readPartition(
    { topic, partition },
    (record) => {
      read += 1n;
      if (read <= MOST_COMPARED) window.addSource(record.offset, fingerprint(record, withTimestamp));
    },
    { from: sourceFrom, ...upTo, uncommitted: true, signal },
  );
  if (read > MOST_COMPARED) return null;
  await target.readPartition(
    { topic: remoteTopic, partition },
    (record) => {
      window.addRemote(record.offset, fingerprint(record, withTimestamp));
    },
    { from: max(from.downstream, 0n), to: end, uncommitted: true, signal },
  );
  return window;
}
