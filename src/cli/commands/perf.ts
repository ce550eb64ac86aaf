import type { PerfDocument } from '../../app/perf/perf.ts';
import { perf } from '../../app/perf/perf.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { perfOptions } from '../definitions/insight.ts';
import { humanBytes } from '../human-amount.ts';
import { humanDuration } from '../human-duration.ts';
import { sparkline } from '../sparkline.ts';
import { pairs } from '../table.ts';

const DRAIN_MS = 120_000;

/** Measures; what had not crossed in time is exit 8. */
export async function run(
  { options }: CommandInput<typeof perfOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const request = { ...options, drainMs: context.timeoutMs(DRAIN_MS) };
  const document = await app.run(async (run) => {
    const measured = await perf(await app.requireLab(run.tools), request, context.signal);
    run.tools.events.emit('result.recorded', { schema: measured.schema, document: measured });
    return measured;
  });
  const late = document.replication?.drained === false;
  const error = new KmkError(
    'KMK_WAIT_TIMEOUT',
    `MM2 had not copied all of it within ${humanDuration(request.drainMs)}`,
    {
      hints: ['Run `kmk flow describe` to see the flow, or give more time with `--timeout`.'],
    },
  );
  return { document, human: () => perfText(document), ...(late ? { error } : {}) };
}

/** Rates, then the lag as a curve. */
export function perfText({ cluster, topic, records, size, produce, replication }: PerfDocument): string {
  const rate = (perSecond: number): string => `${perSecond} records/s, ${humanBytes(perSecond * size)}/s`;
  const lines: (readonly [string, string])[] = [
    ['written', `${records} records of ${size} bytes to "${topic}" on "${cluster}"`],
    [
      'produce',
      `${rate(produce.recordsPerSecond)}, latency ${produce.averageLatencyMs} ms on average, ${produce.maxLatencyMs} ms at most`,
    ],
  ];
  if (replication === null) return pairs(lines);
  const { flow, recordsPerSecond, peakLagRecords, drained, durationMs, lag } = replication;
  lines.push(
    ['copied', `${drained ? 'all' : 'not all'} after ${humanDuration(durationMs)} by flow ${flow}`],
    ['MM2 drain', recordsPerSecond === null ? 'nothing crossed' : rate(recordsPerSecond)],
    ['peak lag', `${peakLagRecords} records`],
    ['lag', sparkline(lag.map(({ lagRecords }) => lagRecords))],
  );
  return pairs(lines);
}
