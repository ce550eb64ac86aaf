import type { ProduceDocument } from '../../domain/documents.ts';
import { abortError, KmkError } from '../../domain/errors.ts';
import type { ClusterLayout } from '../../domain/lab/layout.ts';
import type { Lab } from '../lab/lab.ts';
import { clusterOfTopic } from '../lab/lab.ts';
import type { Compression } from '../ports/record-client.ts';
import { ensureTopic, requirePartition } from '../topics/ensure-topic.ts';
import type { LineValue, RecordSource } from './record-source.ts';
import { generatedRecords, lineRecords } from './record-source.ts';
import { sendAll } from './send-all.ts';
import { spanText, Tally } from './tally.ts';

const STEP = 'produce';
const PROGRESS_MS = 100;
/** For sends of lines, whose length is not known beforehand. */
const LINE_BYTES = 512;
const SHORT_TEXT_BYTES = 64;

export interface ProduceRequest {
  readonly topic: string;
  /** Alias or role; undefined is where the topic is active. */
  readonly cluster: string | undefined;
  /** null: until the lines or the time end. */
  readonly messages: number | null;
  readonly durationMs: number | null;
  /** Records per second; null is as fast as possible. */
  readonly rate: number | null;
  /** Exact bytes of generated values; null for short texts. */
  readonly size: number | null;
  /** Values, one a line, in the portions they come in; null generates them. */
  readonly lines: AsyncIterable<readonly LineValue[]> | null;
  readonly key: LineValue | null;
  readonly partition: number | null;
  readonly headers: Readonly<Record<string, LineValue>>;
  readonly compression: Compression;
  readonly deliveryTimeoutMs: number;
}

export interface ProduceOutcome {
  readonly document: ProduceDocument;
  /** Why not everything was acknowledged, KMK_INTERRUPTED included; null when all was. */
  readonly error: KmkError | null;
}

/**
 * Writes records as a client does, to a topic that is created where it is missing. Throws KMK_WRITE_REFUSED when the
 * fence refuses and nothing was written; other failures come with the document.
 */
export async function produce(lab: Lab, request: ProduceRequest, signal: AbortSignal): Promise<ProduceOutcome> {
  const { tools } = lab;
  const cluster = clusterOfTopic(lab, request.cluster, request.topic);
  const { topic } = request;
  const { partitions } = await ensureTopic(lab, cluster, topic, signal);
  requirePartition(topic, request.partition, partitions);
  warnOfCopy(lab, cluster, topic);
  const { compression, deliveryTimeoutMs } = request;
  await using producer = await tools.producer(cluster, { compression, deliveryTimeoutMs });
  const tally = new Tally();
  const startedAt = tools.clock.now();
  tools.events.emit('step.started', {
    id: STEP,
    kind: STEP,
    title: `producing to "${topic}" on "${cluster.alias}"`,
  });
  const sent = await sendAll(
    tools.clock,
    {
      producer,
      topic,
      source: sourceOf(lab, cluster, request, partitions),
      messages: request.messages,
      durationMs: request.durationMs,
      rate: request.rate,
      recordBytes: request.size ?? (request.lines === null ? SHORT_TEXT_BYTES : LINE_BYTES),
      onProgress: progress(lab, tally, request.messages),
    },
    tally,
    signal,
  );
  const durationMs = Math.max(1, tools.clock.now() - startedAt);
  const document = documentOf(request, cluster.alias, tally, sent, durationMs);
  const error = errorOf(document, tally, signal);
  tools.events.emit('step.finished', {
    id: STEP,
    state: error === null ? 'done' : signal.aborted ? 'aborted' : 'failed',
    durationMs,
    detail: `${document.acknowledged} acknowledged`,
  });
  if (error?.code === 'KMK_WRITE_REFUSED' && document.acknowledged === 0) throw error;
  return { document, error };
}

function sourceOf(lab: Lab, cluster: ClusterLayout, request: ProduceRequest, partitions: number): RecordSource {
  const { key, headers, partition, size, lines } = request;
  const shape = { key, headers, partition, partitions };
  if (lines !== null) return lineRecords(shape, lines);
  return generatedRecords(shape, { size, cluster: cluster.alias, now: () => lab.tools.clock.now() });
}

/** Writing into a copy makes it differ from its original for ever. */
function warnOfCopy(lab: Lab, cluster: ClusterLayout, topic: string): void {
  const source = lab.layout.policy.topicSource(topic);
  const known = lab.layout.clusters.some(({ alias }) => alias === source);
  if (source === null || !known || source === cluster.alias) return;
  lab.tools.events.emit('warning', {
    text: `"${topic}" looks like a copy of a topic of "${source}": what is written here differs from its original`,
  });
}

function progress(lab: Lab, tally: Tally, total: number | null): () => void {
  const { clock, events } = lab.tools;
  let shownAt = 0;
  return () => {
    const now = clock.now();
    if (now - shownAt < PROGRESS_MS) return;
    shownAt = now;
    const done = tally.acknowledged;
    events.emit('step.progress', { id: STEP, text: 'acknowledged', done, ...(total === null ? {} : { total }) });
  };
}

function documentOf(
  request: ProduceRequest,
  cluster: string,
  tally: Tally,
  sent: number,
  durationMs: number,
): ProduceDocument {
  const requested = request.lines === null ? (request.messages ?? sent) : sent;
  const { acknowledged, bytes } = tally;
  return {
    schema: 'kmk.produce/v1',
    cluster,
    topic: request.topic,
    requested,
    acknowledged,
    failed: requested - acknowledged,
    bytes,
    durationMs,
    recordsPerSecond: Math.round((acknowledged / durationMs) * 1000),
    partitions: tally.partitions(),
    unacknowledged: tally.unacknowledged(sent, requested).map(spanText),
  };
}

function errorOf(document: ProduceDocument, tally: Tally, signal: AbortSignal): KmkError | null {
  const { failure } = tally;
  const { acknowledged, requested, failed, topic, cluster } = document;
  const counts = `${acknowledged} of ${requested} records were acknowledged`;
  if (signal.aborted) {
    const { code } = abortError(signal);
    return new KmkError(code, `interrupted, ${counts}`, { context: { acknowledged, requested } });
  }
  if (failure === null) return null;
  if (failure.code === 'KMK_WRITE_REFUSED') return failure;
  const names = document.unacknowledged.join(', ');
  return new KmkError('KMK_PRODUCE_UNACKNOWLEDGED', `${counts}, not acknowledged: ${names} (${failure.message})`, {
    hints: [
      'A record that was not acknowledged may have been stored all the same.',
      'Run `kmk status` to see whether the cluster answers.',
    ],
    context: { topic, cluster, failed, records: names },
    cause: failure,
  });
}
