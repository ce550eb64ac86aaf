import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../../../src/app/ports/record-client.ts';
import type { AuditFinding, PartitionAudit, VerifyDocument } from '../../../src/domain/documents.ts';
import type { FlowDocument } from '../../../src/domain/listing-documents.ts';
import { createRecordProducer } from '../../../src/kafka/record-producer.ts';
import { eventually, kafkaTool, kcat } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { openAdmin } from '../kafka/clients.ts';
import { document, kmk, seed, unique } from './kmk.ts';

async function newTopic(prefix: string, ...settings: string[]): Promise<string> {
  const topic = unique(prefix);
  await document('topic', 'create', topic, '--partitions', '1', ...settings);
  return topic;
}

/** Writes lines of `key:value` with kcat, a client that kmk did not write. */
async function write(alias: 'primary' | 'dr', topic: string, lines: readonly string[], ...more: string[]) {
  const { bootstrap } = labCluster(alias);
  await kcat(['-b', bootstrap, '-P', '-t', topic, '-p', '0', '-K:', ...more], `${lines.join('\n')}\n`);
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `k${from + index}:v${from + index}`);

async function audit(
  topic: string,
  ...more: string[]
): Promise<{ exitCode: number; found: PartitionAudit; text: string }> {
  const { exitCode, stdout } = await kmk(['verify', '--deep', '-t', topic, '--timeout', '8s', '-o', 'json', ...more]);
  const { deep } = JSON.parse(stdout) as VerifyDocument;
  return { exitCode, found: deep!.partitions[0]!, text: stdout };
}

const places = ({ findings }: PartitionAudit): unknown[][] =>
  findings.map((at: AuditFinding) => [at.kind, at.sourceFirst, at.sourceLast, at.targetFirst, at.targetLast]);

/** Waits until the log ends at the offset, as kcat sees it. */
async function ends(alias: 'primary' | 'dr', topic: string, end: number): Promise<void> {
  const { bootstrap } = labCluster(alias);
  await eventually(
    `${topic} on ${alias} ends at ${end}`,
    async () => {
      const text = await kcat(['-b', bootstrap, '-Q', '-t', `${topic}:0:-1`]).catch(() => '');
      return text.trim().endsWith(` offset ${end}`) ? true : undefined;
    },
    40_000,
  );
}

const copied = (topic: string, end: number): Promise<void> => ends('dr', `primary.${topic}`, end);

describe('verify --deep', () => {
  it('passes over null keys, tombstones, headers, equal records and transactions, and counts what is in flight', async () => {
    const topic = await newTopic('alike');
    const { bootstrap } = labCluster('primary');
    await write('primary', topic, [...numbered(0, 50), 'k1:', 'k2:'], '-Z', '-H', 'trace=1');
    await kcat(['-b', bootstrap, '-P', '-t', topic], 'same\n'.repeat(500));
    await kcat(['-b', bootstrap, '-P', '-t', topic, '-X', `transactional.id=${topic}`], 'one\ntwo\n');
    const { exitCode, found } = await audit(topic);
    expect({ exitCode, ...found }).toMatchObject({ exitCode: 0, matched: 554, inFlight: 0, findings: [] });
    await document('flow', 'stop', '--yes');
    try {
      await write('primary', topic, numbered(0, 7));
      const stopped = await audit(topic);
      expect(stopped).toMatchObject({ exitCode: 0, found: { matched: 554, inFlight: 7, missing: 0 } });
    } finally {
      await document('flow', 'resume');
    }
  });

  it('finds what was deleted from the copy and what was added to it, but not what retention may have taken', async () => {
    const topic = await newTopic('holed');
    await write('primary', topic, numbered(0, 20));
    await copied(topic, 20);
    const { bootstrap } = labCluster('dr');
    const copy = `primary.${topic}`;
    await write('dr', copy, ['k9:forged']);
    await write('primary', topic, numbered(20, 25));
    await copied(topic, 26);
    await deleteRecords(bootstrap, copy, 5);
    const { exitCode, found } = await audit(topic);
    expect({ exitCode, found: places(found) }).toEqual({
      exitCode: 6,
      found: [
        ['missing', '0', '4', null, null],
        ['extra', null, null, '20', '20'],
      ],
    });
    const human = await kmk(['verify', '--deep', '-t', topic]);
    expect(human.stdout).toMatch(/PARTITION +FINDING +RECORDS +SOURCE +COPY/);
    expect(human.stdout).toMatch(new RegExp(`${topic}-0 +missing +5 +0\\.\\.4 +-`));
    expect(human.stderr).toContain('contents.equal');
  });

  it('finds records that were copied twice, altered, and never copied', async () => {
    const topic = await newTopic('twice');
    const copy = `primary.${topic}`;
    await write('primary', topic, numbered(0, 30));
    await copied(topic, 30);
    await document('flow', 'stop', '--yes');
    try {
      await seed(topic, 19);
      await document('flow', 'resume');
      await copied(topic, 40);
      await document('flow', 'stop', '--yes');
      await write('primary', topic, ['a:original', 'b:skipped', ...numbered(32, 40)]);
      await write('dr', copy, ['a:altered']);
      await seed(topic, 31);
    } finally {
      await document('flow', 'resume');
    }
    await copied(topic, 49);
    const { exitCode, found } = await audit(topic);
    expect({ exitCode, found: places(found) }).toEqual({
      exitCode: 6,
      found: [
        ['duplicated', '20', '29', '30', '39'],
        ['altered', '30', '30', '40', '40'],
        ['missing', '31', '31', null, null],
      ],
    });
    expect(found.findings[1]?.differs).toEqual(['value', 'timestamp']);
  });

  it('finds nothing wrong, and nothing left to copy, where a log ends in an aborted transaction; names its records in a copy', async () => {
    const topic = await newTopic('aborted');
    const copy = `primary.${topic}`;
    const { bootstrap } = labCluster('primary');
    await write('primary', topic, numbered(0, 3));
    const transaction = ['-X', `transactional.id=${topic}`, '-X', 'transaction.timeout.ms=1000'];
    const writer = spawn('kcat', ['-b', bootstrap, '-P', '-t', topic, ...transaction], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // kcat sends lines once its buffer is full; the filler is no line yet.
    writer.stdin.write(`never\ncommitted\n${'x'.repeat(5000)}`);
    await using primary = openAdmin('primary');
    // kcat asks as a reader of committed records.
    const written = async () => ((await primary.logRanges([topic]))[0]?.end === 5n ? true : undefined);
    await eventually('the records of the transaction', written);
    writer.kill('SIGKILL');
    // The marker is the sixth record. The broker looks for transactions that timed out every 10 s.
    await ends('primary', topic, 6);
    await copied(topic, 3);
    const lag = async () => {
      const { partitions } = (await document('flow', 'describe', 'primary->dr')) as FlowDocument;
      return partitions?.find((at) => at.topic === topic)?.lag === 0 ? true : undefined;
    };
    await eventually('no lag', lag);
    expect(await audit(topic)).toMatchObject({ exitCode: 0, found: { matched: 3, inFlight: 0, findings: [] } });
    // What an MM2 without read_committed would have written.
    const aborted: OutgoingRecord[] = [];
    await primary.readPartition(
      { topic, partition: 0 },
      ({ key, value, timestampMs }) => void aborted.push({ key, value, timestampMs, partition: 0 }),
      { from: 3n, uncommitted: true },
    );
    await using producer = createRecordProducer({ bootstrap: labCluster('dr').bootstrap, clientId: 'kmk-test' });
    await producer.send(copy, aborted);
    await write('primary', topic, numbered(3, 6));
    await copied(topic, 8);
    const { exitCode, found } = await audit(topic);
    expect({ exitCode, found: places(found) }).toEqual({ exitCode: 6, found: [['extra', '3', '4', '3', '4']] });
    expect(found.findings[0]?.reason).toBe('its transaction was aborted');
    await document('topic', 'delete', topic, '--yes');
  });
});

/** DeleteRecords by Kafka's own tool: the log then starts at the offset. */
async function deleteRecords(bootstrap: string, topic: string, offset: number): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'kmk-delete-'));
  try {
    await writeFile(
      `${dir}/offsets.json`,
      JSON.stringify({ partitions: [{ topic, partition: 0, offset }], version: 1 }),
    );
    const args = ['--bootstrap-server', bootstrap, '--offset-json-file', `${dir}/offsets.json`];
    await kafkaTool('DeleteRecordsCommand', ...args);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
