import { join } from 'node:path';
import { cacheRoot } from '../src/runtime/local/jars.ts';
import { timed } from './measure.ts';

const LIBS = join(cacheRoot(process.env), 'kafka-4.3.1', 'libs', '*');
const PRODUCER = 'org.apache.kafka.tools.ProducerPerformance';
const CONSUMER = 'org.apache.kafka.tools.ConsumerPerformance';

/** Kafka's own ProducerPerformance with its defaults and acks=all; records a second of the whole run. */
export async function javaProduce(bootstrap: string, topic: string, records: number, size: number): Promise<number> {
  const { stdout } = await timed('java', [
    '-cp',
    LIBS,
    PRODUCER,
    ...['--topic', topic, '--num-records', String(records), '--record-size', String(size), '--throughput', '-1'],
    ...['--producer-props', `bootstrap.servers=${bootstrap}`, 'acks=all'],
  ]);
  const rate = /([\d.]+) records\/sec[^\n]*99\.9th/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`ProducerPerformance said: ${stdout.slice(-300)}`);
  return Number(rate);
}

/** Kafka's own ConsumerPerformance; records a second including its start in the group, as it reports it. */
export async function javaConsume(bootstrap: string, topic: string, records: number): Promise<number> {
  return (await javaConsumeRates(bootstrap, topic, records)).whole;
}

/** Records a second as ConsumerPerformance reports them: of the whole run, and of the time after it joined its group. */
export async function javaConsumeRates(
  bootstrap: string,
  topic: string,
  records: number,
): Promise<{ readonly whole: number; readonly fetching: number }> {
  const { stdout } = await timed('java', [
    '-cp',
    LIBS,
    CONSUMER,
    ...['--bootstrap-server', bootstrap, '--topic', topic, '--messages', String(records), '--timeout', '60000'],
  ]);
  const row = stdout.trim().split('\n').at(-1)?.split(',') ?? [];
  const [whole, fetching] = [Number(row[5]), Number(row[9])];
  if (!(whole > 0 && fetching > 0)) throw new Error(`ConsumerPerformance said: ${stdout.slice(-300)}`);
  return { whole, fetching };
}
