import type { LogRules } from '../../domain/alignment/classify.ts';
import type { Finding } from '../../domain/alignment/findings.ts';
import type { AuditFinding, DeepAudit, PartitionAudit } from '../../domain/documents.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import { partitionKey } from '../../domain/topic.ts';
import { rangesByPartition } from '../groups/group-lag.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { readPositions } from '../replicate/positions.ts';
import { step } from '../step.ts';
import type { ComparedPair, LogPair } from './compare-partition.ts';
import { comparePartition } from './compare-partition.ts';

/** Each costs a few responses of 4 MiB in memory; more in flight only wait for the one thread that compares. */
const PARALLEL_PARTITIONS = 4;
const MOST_FINDINGS = 1000;
const PROGRESS_INTERVAL_MS = 200;

type Audited = Omit<DeepAudit, 'durationMs' | 'recordsPerSecond'>;

/** Compares the contents of the topics with their copies. `flows` come with the topics that each is to be judged by. */
export async function deepAudit(
  lab: Lab,
  flows: readonly { readonly flow: Flow; readonly topics: readonly string[] }[],
  signal: AbortSignal,
): Promise<DeepAudit> {
  const { clock } = lab.tools;
  const startedAt = clock.now();
  const audits: Audited[] = [];
  for (const { flow, topics } of flows) {
    const id = `audit ${flowId(flow)}`;
    audits.push(
      await step(lab.tools, id, 'verify', `comparing contents on ${flowId(flow)}`, () =>
        auditFlow(lab, flow, topics, id, signal),
      ),
    );
  }
  const durationMs = clock.now() - startedAt;
  const records = audits.reduce((sum, audit) => sum + audit.records, 0);
  return {
    records,
    durationMs,
    recordsPerSecond: Math.round((records / Math.max(1, durationMs)) * 1000),
    partitions: audits.flatMap(({ partitions }) => partitions),
  };
}

async function auditFlow(
  lab: Lab,
  flow: Flow,
  topics: readonly string[],
  stepId: string,
  signal: AbortSignal,
): Promise<Audited> {
  const pairs = await readPairs(lab, flow, topics, signal);
  const total = pairs.reduce((sum, { source, target }) => sum + lengthOf(source.range) + lengthOf(target.range), 0);
  const progress = reportProgress(lab, stepId, total);
  const compared = await mapLimited(pairs, PARALLEL_PARTITIONS, async (pair) => ({
    pair,
    result: await comparePartition(pair, progress, signal),
  }));
  return {
    records: compared.reduce((sum, { result }) => sum + result.source + result.target, 0),
    partitions: compared.map(({ pair, result }) => toDocument(pair, result)),
  };
}

/**
 * Position first, then the target's ends, then the source's: so everything below the position has its copy below the
 * target's end, and everything in the target its original below the source's.
 */
async function readPairs(
  lab: Lab,
  flow: Flow,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<readonly LogPair[]> {
  const { policy } = lab.layout;
  const remoteOf = (topic: string): string => policy.remoteTopic(flow.source, topic);
  const [source, target] = await Promise.all([adminOf(lab, flow.source), adminOf(lab, flow.target)]);
  const existing = new Set(await target.listTopics(signal));
  const copied = topics.filter((topic) => existing.has(remoteOf(topic)));
  const positions = await readPositions(lab, flow, signal);
  const targets = rangesByPartition(await target.committedRanges(copied.map(remoteOf), signal));
  const sources = await source.committedRanges(copied, signal);
  const settings = await mapLimited(copied, PARALLEL_PARTITIONS, async (topic) => {
    const both = await Promise.all([
      source.topicSettings(topic, signal),
      target.topicSettings(remoteOf(topic), signal),
    ]);
    return [topic, both] as const;
  });
  const settingsOf = new Map(settings);
  return sources.flatMap((range): readonly LogPair[] => {
    const there = targets.get(partitionKey({ ...range, topic: remoteOf(range.topic) }));
    const [ours, theirs] = settingsOf.get(range.topic) ?? [{}, {}];
    if (there === undefined) return [];
    const rules = {
      source: rulesOf(ours, range),
      target: rulesOf(theirs, there),
      now: lab.tools.clock.now(),
      // MM2 keeps a record's time, but a broker that stamps the append replaces it.
      withTimestamps: theirs['message.timestamp.type'] !== 'LogAppendTime',
      ownFrom: ownFrom(lab, flow, there),
    };
    const position = positions.get(partitionKey(range)) ?? range.start;
    return [{ source: { admin: source, range }, target: { admin: target, range: there }, position, rules }];
  });
}

function rulesOf(settings: Readonly<Record<string, string>>, { start }: LogRange): LogRules {
  const policy = settings['cleanup.policy'] ?? 'delete';
  const deletes = policy.includes('delete');
  const retentionMs = Number(settings['retention.ms'] ?? -1);
  return {
    start: Number(start),
    compacted: policy.includes('compact'),
    retentionMs: deletes && retentionMs >= 0 ? retentionMs : Infinity,
    limitedBytes: deletes && Number(settings['retention.bytes'] ?? -1) >= 0,
    tombstoneMs: Number(settings['delete.retention.ms'] ?? 0),
  };
}

/** Under the identity policy a promoted target goes on in the log that holds the copies. */
function ownFrom(lab: Lab, flow: Flow, { topic, partition }: LogRange): number | null {
  const { promotion } = lab.record;
  if (lab.layout.policy.name !== 'identity' || promotion?.to !== flow.target) return null;
  const mark = promotion.watermarks.find((at) => at.topic === topic && at.partition === partition);
  return mark === undefined ? null : Number(mark.d);
}

function reportProgress(lab: Lab, id: string, total: number): (offsets: number) => void {
  const { clock, events } = lab.tools;
  let [done, shownAt] = [0, clock.now()];
  return (offsets) => {
    done += offsets;
    const now = clock.now();
    if (now - shownAt < PROGRESS_INTERVAL_MS) return;
    shownAt = now;
    events.emit('step.progress', { id, text: 'records', done, total });
  };
}

function lengthOf({ start, end }: LogRange): number {
  return Number(end - start);
}

function toDocument(pair: LogPair, result: ComparedPair): PartitionAudit {
  const { source, target } = pair;
  const { topic, partition } = source.range;
  const audited = ({ start, end }: LogRange, records: number): PartitionAudit['source'] => {
    return { start: String(start), end: String(end), records };
  };
  return {
    ...{ topic, remoteTopic: target.range.topic, partition, complete: result.complete },
    source: audited(source.range, result.source),
    target: audited(target.range, result.target),
    matched: result.matched,
    inFlight: result.inFlight,
    cutOnSource: result.cut.source,
    cutOnTarget: result.cut.target,
    compacted: result.compacted,
    own: result.own,
    ...result.counts,
    findings: result.findings.slice(0, MOST_FINDINGS).map(toFinding),
  };
}

function toFinding({ kind, count, source, target, differs, reason }: Finding): AuditFinding {
  const text = (offset: number | undefined): string | null => (offset === undefined ? null : String(offset));
  return {
    ...{ kind, count },
    ...{ sourceFirst: text(source?.first), sourceLast: text(source?.last) },
    ...{ targetFirst: text(target?.first), targetLast: text(target?.last) },
    ...{ differs, reason },
  };
}
