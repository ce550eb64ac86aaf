import { KmkError } from '../../domain/errors.ts';
import type { Lab } from '../lab/lab.ts';

const TOOL = 'org.apache.kafka.tools.ProducerPerformance';

export interface ToolRequest {
  readonly bootstrap: string;
  readonly topic: string;
  readonly records: number;
  readonly size: number;
}

/** What the tool says in its last line. */
export interface ToolRates {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly averageLatencyMs: number;
  readonly maxLatencyMs: number;
}

/** Runs Kafka's own tool over CLIENT. Throws KMK_PRODUCE_UNACKNOWLEDGED with its last words when it fails. */
export async function runProducerPerformance(lab: Lab, request: ToolRequest, signal: AbortSignal): Promise<ToolRates> {
  const args = [
    ...['--topic', request.topic, '--num-records', String(request.records)],
    ...['--record-size', String(request.size), '--throughput', '-1'],
    // Understood by 3.9 and 4.x; `--bootstrap-server` came later.
    ...['--producer-props', `bootstrap.servers=${request.bootstrap}`, 'acks=all'],
  ];
  const { exitCode, stdout, stderr } = await lab.runtime.runTool(TOOL, args, { signal });
  signal.throwIfAborted();
  const rates = parseRates(stdout);
  if (exitCode === 0 && rates !== null) return rates;
  const words = `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
  throw new KmkError(
    'KMK_PRODUCE_UNACKNOWLEDGED',
    `ProducerPerformance ended with ${exitCode}: ${words.slice(0, 300)}`,
    {
      hints: ['Run `kmk status` to see whether the cluster takes writes.'],
    },
  );
}

/**
 * `10000 records sent, 8561.6 records/sec (8.36 MB/sec), 415.66 ms avg latency, 689.00 ms max latency, ...`: the last
 * such line is about all records. Its MB are MiB.
 */
export function parseRates(output: string): ToolRates | null {
  const pattern =
    /(\d+) records sent, ([\d.,]+) records\/sec \(([\d.,]+) MB\/sec\), ([\d.,]+) ms avg latency, ([\d.,]+) ms max latency/g;
  const last = [...output.matchAll(pattern)].at(-1);
  if (last === undefined) return null;
  const [, , rate, megabytes, average, most] = last.map((text) => Number(text.replace(',', '.')));
  return {
    recordsPerSecond: Math.round(rate ?? 0),
    bytesPerSecond: Math.round((megabytes ?? 0) * 1024 * 1024),
    averageLatencyMs: average ?? 0,
    maxLatencyMs: most ?? 0,
  };
}
