import { randomUUID } from 'node:crypto';
import type { StatusDocument } from '../../../src/domain/documents.ts';
import { runCli, type CliRun, type CliSettings } from '../../helpers/run-cli.ts';
import { labCluster } from '../../helpers/lab.ts';
import { kafkaTool } from '../../helpers/kafka-tools.ts';

function settingOf(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run with \`npx vitest run --project integration\``);
  return value;
}

/** Runs the command line in this process against the shared lab. */
export function kmk(argv: readonly string[], settings: CliSettings = {}): Promise<CliRun> {
  const place = ['-c', settingOf('KMK_TEST_CONFIG'), '--state-dir', settingOf('KMK_TEST_STATE_DIR')];
  return runCli([...argv, ...place], { env: process.env as Record<string, string>, ...settings });
}

/** The JSON document of a command that must succeed. */
export async function document(...argv: readonly string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await kmk([...argv, '-o', 'json']);
  if (exitCode !== 0) throw new Error(`kmk ${argv.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}

/** Log ends by partition, as Kafka's own tool prints them. */
export async function endsByTool(alias: 'primary' | 'dr', topic: string): Promise<Record<string, string>> {
  const { bootstrap } = labCluster(alias);
  const text = await kafkaTool('GetOffsetShell', '--bootstrap-server', bootstrap, '--topic', topic);
  const rows = text
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  return Object.fromEntries(rows.map(([, partition, end]) => [partition ?? '', end ?? '']));
}

/** Committed offsets by "topic-partition", as Kafka's own tool prints them. */
export async function commitsByTool(alias: 'primary' | 'dr', group: string): Promise<Record<string, string>> {
  const { bootstrap } = labCluster(alias);
  const args = ['--bootstrap-server', bootstrap, '--describe', '--group', group];
  const text = await kafkaTool('consumer.group.ConsumerGroupCommand', ...args);
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/));
  const found = rows.filter(([name]) => name === group);
  return Object.fromEntries(
    found.map(([, topic, partition, offset]) => [`${topic ?? ''}-${partition ?? ''}`, offset ?? '']),
  );
}

/** Sets the source connector's position of partition 0 while the flow is stopped: the last offset it has copied. */
export async function seed(topic: string, offset: number): Promise<void> {
  const { services } = (await document('status')) as StatusDocument;
  const worker = services.find(({ name }) => name === 'dr-connect')?.endpoint ?? '';
  const url = `http://${worker}/connectors/${encodeURIComponent('primary->dr.MirrorSourceConnector')}/offsets`;
  const row = { partition: { cluster: 'primary', partition: 0, topic }, offset: { offset } };
  const answer = await fetch(url, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ offsets: [row] }),
  });
  if (answer.status !== 200) throw new Error(`the position of ${topic} was refused: ${await answer.text()}`);
}
