import type {
  ReportCommit,
  ReportConnectorChange,
  ReportNote,
  ReportSeed,
  ReportService,
  ReportTopic,
  ReportWarning,
  ReportWatermark,
} from '../../domain/report-model.ts';
import { count, keyOf, lastByKey, offset, text, textOrNull } from './fields.ts';
import type { Journal } from './journal.ts';

export function readCommits(journal: Journal): readonly ReportCommit[] {
  return journal.named('offsets.committed').map(({ atMs, data }) => ({
    atMs,
    cluster: text(data, 'cluster'),
    group: text(data, 'group'),
    topic: text(data, 'topic'),
    partition: count(data, 'partition') ?? 0,
    previous: offset(data, 'previous'),
    offset: offset(data, 'offset'),
    proof: text(data, 'proof', ''),
  }));
}

/** The last watermark of each partition and direction. */
export function readWatermarks(journal: Journal): readonly ReportWatermark[] {
  const all = journal.named('watermark.recorded').map(({ atMs, data }) => ({
    atMs,
    source: text(data, 'source'),
    target: text(data, 'target'),
    topic: text(data, 'topic'),
    partition: count(data, 'partition') ?? 0,
    u: offset(data, 'u'),
    d: offset(data, 'd'),
  }));
  return lastByKey(all, (mark) => keyOf(mark.source, mark.target, mark.topic, mark.partition));
}

export function readSeeds(journal: Journal): readonly ReportSeed[] {
  return journal.named('flow.seeded').map(({ atMs, data }) => ({
    atMs,
    flow: text(data, 'flow'),
    topic: text(data, 'topic'),
    partition: count(data, 'partition') ?? 0,
    offset: offset(data, 'offset'),
  }));
}

/** State changes only: an event that repeats a connector's state is left out. */
export function readConnectors(journal: Journal): readonly ReportConnectorChange[] {
  const last = new Map<string, string>();
  return journal.named('connector.state').flatMap(({ atMs, data }) => {
    const change = { atMs, flow: text(data, 'flow'), connector: text(data, 'connector'), state: text(data, 'state') };
    const key = keyOf(change.flow, change.connector);
    if (last.get(key) === change.state) return [];
    last.set(key, change.state);
    return [change];
  });
}

export function readServices(journal: Journal): readonly ReportService[] {
  return journal.named('service.ready', 'service.stopped').map(({ event, atMs, data }) => ({
    atMs,
    name: text(data, 'name'),
    kind: text(data, 'kind', ''),
    endpoint: text(data, 'endpoint', ''),
    change: event === 'service.ready' ? 'ready' : data['how'] === 'kill' ? 'killed' : 'stopped',
    afterMs: count(data, 'afterMs'),
  }));
}

export function readTopics(journal: Journal): readonly ReportTopic[] {
  return journal.named('topic.created').map(({ atMs, data }) => ({
    atMs,
    cluster: text(data, 'cluster'),
    topic: text(data, 'topic'),
    partitions: count(data, 'partitions'),
  }));
}

export function readWarnings(journal: Journal): readonly ReportWarning[] {
  return journal.named('warning').map(({ atMs, data }) => ({
    atMs,
    text: text(data, 'text', ''),
    hint: textOrNull(data, 'hint'),
  }));
}

export function readNotes(journal: Journal): readonly ReportNote[] {
  return journal.named('note').map(({ atMs, data }) => ({ atMs, text: text(data, 'text', '') }));
}
