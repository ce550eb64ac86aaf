import type { ProduceRequest } from '../../app/produce/produce.ts';
import { produce } from '../../app/produce/produce.ts';
import type { ProduceDocument } from '../../domain/documents.ts';
import { EXIT_CODES } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { produceOptions } from '../definitions/records.ts';
import { humanBytes, humanCount } from '../human-amount.ts';
import { humanDuration } from '../human-duration.ts';
import { openLines } from '../input-lines.ts';
import { table } from '../table.ts';

const DEFAULT_MESSAGES = 10;
const DELIVERY_TIMEOUT_MS = 30_000;

/** Writes records and says what became of them; with records that were not acknowledged exit 5. */
export async function run(
  { options }: CommandInput<typeof produceOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  await app.requireLab();
  const { file, duration, messages } = options;
  const bounded = file !== undefined || duration !== undefined;
  const request: ProduceRequest = {
    topic: options.topic,
    cluster: options.cluster,
    messages: messages ?? (bounded ? null : DEFAULT_MESSAGES),
    durationMs: duration ?? null,
    rate: options.rate ?? null,
    size: options.size ?? null,
    lines: file === undefined ? null : await openLines(file, context),
    key: options.key ?? null,
    partition: options.partition ?? null,
    headers: Object.fromEntries(options.header),
    compression: options.compression,
    deliveryTimeoutMs: context.timeoutMs(DELIVERY_TIMEOUT_MS),
  };
  const { document, error } = await app.run(
    async ({ tools }) => {
      const outcome = await produce(await app.requireLab(tools), request, context.signal);
      tools.events.emit('result.recorded', { schema: outcome.document.schema, document: outcome.document });
      return outcome;
    },
    { shared: true, exitCodeOf: (outcome) => (outcome.error === null ? 0 : EXIT_CODES[outcome.error.kind]) },
  );
  return { document, human: () => produceText(document), ...(error === null ? {} : { error }) };
}

/** The outcome for people. */
export function produceText(document: ProduceDocument): string {
  const { acknowledged, failed, bytes, durationMs, recordsPerSecond, topic, cluster } = document;
  const head = `${humanCount(acknowledged, 'record')} acknowledged, ${failed} failed: "${topic}" on "${cluster}"`;
  const pace = `${humanBytes(bytes)} in ${humanDuration(durationMs)}, ${recordsPerSecond} records/s`;
  if (document.partitions.length === 0) return head;
  const rows = document.partitions.map(({ partition, count, firstOffset, lastOffset }) => [
    String(partition),
    String(count),
    firstOffset,
    lastOffset,
  ]);
  const columns = ['partition', 'records', 'first offset', 'last offset'].map((title) => ({ title, numeric: true }));
  return `${head}\n${pace}\n\n${table(columns, rows)}`;
}
