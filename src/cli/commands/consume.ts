import type { ConsumeRequest } from '../../app/consume/consume.ts';
import { consume } from '../../app/consume/consume.ts';
import { consumeDocument } from '../../app/consume/consume-document.ts';
import type { ConsumedRecord } from '../../domain/documents.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { consumeOptions } from '../definitions/records.ts';
import { humanCount } from '../human-amount.ts';
import { epochMs } from '../kafka-parsers.ts';
import { createLinePrinter } from '../line-printer.ts';
import type { Paint } from '../paint.ts';
import { readableOf } from '../../domain/record-text.ts';
import { oneLine } from '../render-error.ts';

const TIMEOUT_MS = 30_000;

type Options = CommandInput<typeof consumeOptions>['options'];

/** Prints records as they come (a line a record), in JSON and YAML all at the end. Fewer than asked for is exit 8. */
export async function run(
  { options }: CommandInput<typeof consumeOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const lab = await app.requireLab();
  const records: ConsumedRecord[] = [];
  const printer = createLinePrinter(context.stdout);
  const show = {
    human: (record: ConsumedRecord) => printer.line(recordText(record, context.paint)),
    jsonl: (record: ConsumedRecord) => printer.line(JSON.stringify(record)),
    json: (record: ConsumedRecord) => void records.push(record),
    yaml: (record: ConsumedRecord) => void records.push(record),
  };
  const request = requestOf(options, context, app.tools.clock.now());
  const outcome = await consume(lab, { ...request, onRecord: show[context.output] }, context.signal);
  await printer.flush();
  const { cluster, count, error } = outcome;
  // The framework takes this for the end it is: nobody is left to read.
  if (error !== null && context.stdout.closed.aborted) throw error;
  context.events.emit('note', { text: `${humanCount(count, 'record')} of "${options.topic}" from "${cluster}"` });
  const failure = error === null ? {} : { error };
  if (context.output === 'human' || context.output === 'jsonl') return failure;
  const document = consumeDocument(request, outcome, records);
  return { document, ...failure };
}

function requestOf(options: Options, context: CommandContext, nowMs: number): Omit<ConsumeRequest, 'onRecord'> {
  const { fromOffset, fromTime, follow } = options;
  const limitMs = context.timeoutMs(TIMEOUT_MS);
  return {
    topic: options.topic,
    cluster: options.cluster,
    group: options.group ?? null,
    messages: options.messages ?? null,
    start:
      fromOffset !== undefined
        ? { kind: 'offset', offset: fromOffset }
        : fromTime !== undefined
          ? { kind: 'time', atMs: epochMs(fromTime, nowMs) }
          : { kind: 'beginning' },
    partition: options.partition ?? null,
    follow,
    // Who follows waits for as long as it takes, unless told otherwise.
    timeoutMs: follow && context.globals.timeout === undefined ? null : limitMs,
  };
}

/** `0@12  key  value`: where it is, then what it says; control characters are shown, not obeyed. */
export function recordText(record: ConsumedRecord, paint: Paint): string {
  const { partition, offset } = record;
  const key = readable(record.key, record.keyEncoding);
  const value = readable(record.value, record.valueEncoding);
  const headers = Object.entries(record.headers).map(([name, text]) => {
    const values = [text].flat().map((one) => readable(one, record.headerEncodings?.[name]) ?? 'null');
    return `${name}=${values.join(',')}`;
  });
  const parts = [
    paint.faint(`${partition}@${offset}`),
    ...(key === null ? [] : [paint.strong(oneLine(key))]),
    value === null ? paint.faint('null') : oneLine(value),
    ...(headers.length === 0 ? [] : [paint.faint(`{${oneLine(headers.join(', '))}}`)]),
  ];
  return parts.join('  ');
}

function readable(text: string | null, encoding: 'base64' | undefined): string | null {
  return text === null || encoding === undefined ? text : readableOf(text);
}
