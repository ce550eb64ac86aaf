import type { Lab } from '../app/lab/lab.ts';
import { consume as readRecords } from '../app/consume/consume.ts';
import { consumeDocument } from '../app/consume/consume-document.ts';
import type { Compression } from '../app/ports/record-client.ts';
import { produce as writeRecords } from '../app/produce/produce.ts';
import type { LineValue } from '../app/produce/record-source.ts';
import type { StartPoint } from '../app/consume/start-positions.ts';
import type { ConsumedRecord, ConsumeDocument, ProduceDocument } from '../domain/documents.ts';
import type { KmkError } from '../domain/errors.ts';
import type { KmkOptions } from './options.ts';
import { changeLab, withLab } from './session.ts';

const TIMEOUT_MS = 30_000;

export interface ProduceOptions extends KmkOptions {
  readonly topic: string;
  /** Alias or role. Default: the active cluster. */
  readonly cluster?: string;
  /** Values to write, one record each, text as UTF-8 and bytes as they are; without them values are generated. */
  readonly values?: Iterable<LineValue> | AsyncIterable<LineValue>;
  /** How many records. Default: all of `values`, as many as fit into `durationMs`, else 10. */
  readonly messages?: number;
  readonly durationMs?: number;
  /** Records per second. Default: as fast as possible. */
  readonly rate?: number;
  /** Exact bytes of generated values. */
  readonly size?: number;
  readonly key?: LineValue;
  readonly partition?: number;
  readonly headers?: Readonly<Record<string, LineValue>>;
  /** Default none. */
  readonly compression?: Compression;
  /** How long a record may stay unacknowledged. Default 30 s. */
  readonly timeoutMs?: number;
}

/** `kmk produce`. Records that were not acknowledged are named in the document, not thrown. */
export function produce(options: ProduceOptions): Promise<ProduceDocument> {
  const { values, messages, durationMs } = options;
  const bounded = values !== undefined || durationMs !== undefined;
  const write = async (lab: Lab, signal: AbortSignal): Promise<ProduceDocument> => {
    const request = {
      topic: options.topic,
      cluster: options.cluster,
      messages: messages ?? (bounded ? null : 10),
      durationMs: durationMs ?? null,
      rate: options.rate ?? null,
      size: options.size ?? null,
      lines: values === undefined ? null : portions(values),
      key: options.key ?? null,
      partition: options.partition ?? null,
      headers: options.headers ?? {},
      compression: options.compression ?? 'none',
      deliveryTimeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    };
    const { document, error } = await writeRecords(lab, request, signal);
    throwIfEnded(error);
    lab.tools.events.emit('result.recorded', { schema: document.schema, document });
    return document;
  };
  return changeLab(options, 'produce', write, { shared: true });
}

export interface ConsumeOptions extends KmkOptions {
  readonly topic: string;
  /** Alias or role. Default: the active cluster. */
  readonly cluster?: string;
  /** Commit for this group and go on where it was. Default: no group, from the beginning. */
  readonly group?: string;
  /** Default: up to the ends found at the start. */
  readonly messages?: number;
  /** Where to start without a group. */
  readonly from?: StartPoint;
  readonly partition?: number;
  /** Go on after the end until the signal aborts; use `onRecord`. */
  readonly follow?: boolean;
  /** Default 30 s; none with `follow`. */
  readonly timeoutMs?: number;
  /** Awaited for each record. With it the document holds no records. */
  readonly onRecord?: (record: ConsumedRecord) => void | Promise<void>;
}

/** `kmk consume`. Fewer records than asked for are an answer: look at `count`. */
export function consume(options: ConsumeOptions): Promise<ConsumeDocument> {
  const { follow = false, onRecord } = options;
  return withLab(options, 'consume', async (lab, signal) => {
    const records: ConsumedRecord[] = [];
    const request = {
      topic: options.topic,
      cluster: options.cluster,
      group: options.group ?? null,
      messages: options.messages ?? null,
      start: options.from ?? ({ kind: 'beginning' } as const),
      partition: options.partition ?? null,
      follow,
      timeoutMs: options.timeoutMs ?? (follow ? null : TIMEOUT_MS),
      onRecord: onRecord ?? ((record: ConsumedRecord) => void records.push(record)),
    };
    const outcome = await readRecords(lab, request, signal);
    throwIfEnded(outcome.error);
    return consumeDocument(request, outcome, records);
  });
}

/** An abort ends the call; any other failure is told by the document. */
function throwIfEnded(error: KmkError | null): void {
  if (error?.kind === 'interrupted' || error?.kind === 'terminated') throw error;
}

async function* portions(values: Iterable<LineValue> | AsyncIterable<LineValue>): AsyncIterable<readonly LineValue[]> {
  for await (const value of values) yield [value];
}
