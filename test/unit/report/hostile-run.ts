import type { AnyEvent } from '../../../src/domain/events.ts';
import { event, run } from './fixture.ts';

/** A failed run in which every text that a user, a broker or a file can choose is `text`. */
export function hostileRun(text: string): readonly AnyEvent[] {
  const at = { topic: text, remoteTopic: text, partition: 0 };
  const counts = { sent: 2, acknowledged: 2, replicated: 1, lost: 1, late: 0, duplicated: 0 };
  const row = { partition: 0, ...counts, processed: 1, redelivered: 0, skipped: 0 };
  const position = {
    ...at,
    committed: text,
    targetCommitted: text,
    best: text,
    proof: text,
    verdict: text,
    reason: text,
  };
  const move = {
    kind: text,
    from: text,
    to: text,
    verdict: 'fail',
    groups: [{ group: text, type: text, state: text, partitions: [position] }],
  };
  return run(
    [
      event(10, 'step.started', { id: text, kind: text, title: text }),
      event(20, 'service.ready', { name: text, kind: text, endpoint: text, afterMs: 5 }),
      event(30, 'topic.created', { cluster: text, topic: text, partitions: 1 }),
      event(40, 'flow.lag.sampled', { flow: text, lagRecords: 5, lagMs: 5 }),
      event(50, 'fault.injected', { fault: text, cluster: text, services: [text] }),
      event(60, 'active.changed', { from: text, to: text, epoch: 2 }),
      event(70, 'offsets.committed', { ...at, cluster: text, group: text, offset: text, previous: text, proof: text }),
      event(80, 'watermark.recorded', { source: text, target: text, topic: text, partition: 0, u: text, d: text }),
      event(90, 'flow.seeded', { flow: text, topic: text, partition: 0, offset: text }),
      event(100, 'connector.state', { flow: text, connector: text, state: text }),
      event(110, 'partition.sampled', { ...at, sourceEnd: text, remoteEnd: text }),
      event(120, 'ledger.summarised', { topic: text, partitions: [row] }),
      event(130, 'group.position', { ...at, group: text, committed: text, targetCommitted: text }),
      event(140, 'check.evaluated', { id: text, verdict: 'fail', message: text }),
      event(150, 'check.evaluated', { id: text, verdict: 'inconclusive', message: text }),
      event(160, 'warning', { text, hint: text }),
      event(170, 'note', { text }),
      event(180, 'step.finished', { id: text, state: 'failed', durationMs: 170, detail: text }),
      event(190, 'result.recorded', { schema: 'kmk.failover/v1', document: move }),
    ],
    6,
  );
}
