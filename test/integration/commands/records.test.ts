import { EventEmitter } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsumeDocument, ProduceDocument } from '../../../src/domain/documents.ts';
import { eventually, kcat } from '../../helpers/kafka-tools.ts';
import { labCluster } from '../../helpers/lab.ts';
import { commitsByTool, document, endsByTool, kmk, unique } from './kmk.ts';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kmk-records-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const produce = async (...argv: string[]) => (await document('produce', ...argv)) as ProduceDocument;
const consume = async (...argv: string[]) => (await document('consume', ...argv)) as ConsumeDocument;
const readByKcat = (topic: string, format: string) =>
  kcat(['-b', labCluster('primary').bootstrap, '-C', '-t', topic, '-e', '-q', '-f', format]);

describe('produce', () => {
  it('creates the topic and says what Kafka says', async () => {
    const topic = unique('made');
    const made = await produce('-t', topic);
    expect(made).toMatchObject({ cluster: 'primary', topic, requested: 10, acknowledged: 10, failed: 0 });
    expect(made.partitions.map(({ partition }) => partition)).toEqual([0, 1, 2]);
    const ends = await endsByTool('primary', topic);
    for (const { partition, firstOffset, lastOffset, count } of made.partitions) {
      expect([firstOffset, lastOffset, ends[partition]]).toEqual(['0', String(count - 1), String(count)]);
    }
    const lines = (await readByKcat(topic, '%s\n')).trim().split('\n');
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]+$/);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('writes key, headers and exact size with %s', async (codec) => {
    const topic = unique('shaped');
    const shape = ['--key', 'k=1', '--header', 'a=b', '--header', 'c=', '--size', '321', '--compression', codec];
    await produce('-t', topic, '--messages', '7', ...shape);
    const rows = (await readByKcat(topic, '%p|%k|%h|%S\n')).trim().split('\n');
    expect(rows).toHaveLength(7);
    expect(new Set(rows).size).toBe(1);
    expect(rows[0]).toMatch(/^\d\|k=1\|a=b,c=\|321$/);
  });

  it('writes the lines of a file into one partition, in order', async () => {
    const topic = unique('lines');
    const file = join(dir, 'values.txt');
    const values = Array.from({ length: 3000 }, (_, index) => `value ${index} ü`);
    await writeFile(file, values.join('\n'));
    const made = await produce('-t', topic, '--file', file, '--partition', '1');
    expect(made.partitions).toEqual([{ partition: 1, firstOffset: '0', lastOffset: '2999', count: 3000 }]);
    expect((await readByKcat(topic, '%s\n')).trim().split('\n')).toEqual(values);
  });

  it('writes bytes that are no text as they are, and reads them', async () => {
    const topic = unique('bytes');
    const file = join(dir, 'latin1.txt');
    await writeFile(file, Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a, 0xff, 0xfe]));
    await produce('-t', topic, '--file', file, '--partition', '0');
    expect(await readByKcat(topic, '%S\n')).toBe('4\n2\n');
    const { records } = await consume('-t', topic);
    expect(records.map(({ value, valueEncoding }) => [value, valueEncoding])).toEqual([
      ['Y2Fm6Q==', 'base64'],
      ['//4=', 'base64'],
    ]);
    const { stdout } = await kmk(['consume', '-t', topic]);
    expect(stdout).toBe('0@0  caf\\xE9\n0@1  \\xFF\\xFE\n');
    const { exitCode, stderr } = await kmk(['produce', '-t', topic, '--key', 'caf\ufffd']);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not UTF-8')]);
  });

  it('keeps to a rate for a duration', async () => {
    const made = await produce('-t', unique('paced'), '--duration', '1s', '--rate', '20/s');
    expect(made.acknowledged).toBe(made.requested);
    expect(made.acknowledged).toBeGreaterThanOrEqual(10);
    expect(made.acknowledged).toBeLessThanOrEqual(21);
  });

  it('writes many without keeping them', async () => {
    const topic = unique('many');
    const made = await produce('-t', topic, '--messages', '100000', '--size', '100');
    expect(made).toMatchObject({ acknowledged: 100_000, failed: 0, bytes: 10_000_000 });
    const ends = Object.values(await endsByTool('primary', topic)).reduce((sum, end) => sum + Number(end), 0);
    expect(ends).toBe(100_000);
  });

  it('names records that a broker refuses and ends with 5', async () => {
    const topic = unique('refused');
    const { exitCode, stdout, stderr } = await kmk([
      ...['produce', '-t', topic, '--messages', '2', '--size', '2000000', '--timeout', '5s', '-o', 'json'],
    ]);
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ requested: 2, acknowledged: 0, failed: 2, unacknowledged: ['1-2'] });
    expect(stderr).toContain('0 of 2 records were acknowledged, not acknowledged: 1-2');
  });

  it('leaves a journal that ends with what it answered', async () => {
    const runs = join(process.env['KMK_TEST_STATE_DIR'] ?? '', 'runs');
    const before = new Set(await readdir(runs));
    const { exitCode, stdout } = await kmk(['produce', '-t', unique('journaled'), '--messages', '3', '-o', 'json']);
    expect(exitCode).toBe(0);
    // Ids of runs in the same second do not sort by time.
    const [run = '', ...others] = (await readdir(runs)).filter((id) => !before.has(id));
    expect(others).toEqual([]);
    const lines = (await readFile(join(runs, run, 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { event: string; data: { document?: unknown } });
    expect(events.at(0)?.event).toBe('run.started');
    expect(events.at(-1)).toMatchObject({ event: 'run.finished', data: { exitCode: 0 } });
    expect(events.at(-2)?.data.document).toEqual(JSON.parse(stdout));
  });

  it('says what was acknowledged when it is interrupted', async () => {
    const topic = unique('interrupted');
    const signals = new EventEmitter();
    const running = kmk(['produce', '-t', topic, '--duration', '1m', '--rate', '50', '-o', 'json'], { signals });
    // Not by kcat: a consumer that meets the topic while it is being created may wait for its leader for a minute.
    await eventually('a record', async () => {
      const ends = await endsByTool('primary', topic).catch(() => ({}));
      return Object.values(ends).some((end) => Number(end) > 0) ? true : undefined;
    });
    signals.emit('SIGINT');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(130);
    const made = JSON.parse(stdout) as ProduceDocument;
    const ends = Object.values(await endsByTool('primary', topic)).reduce((sum, end) => sum + Number(end), 0);
    expect(made.acknowledged).toBe(ends);
  });

  it.each([
    [['--partition', '9'], 2, 'has no partition 9'],
    [['--cluster', 'primry'], 2, 'unknown cluster "primry"'],
    [['--file', 'absent.txt'], 3, 'file "absent.txt" does not exist'],
  ] as const)('refuses %j', async (argv, exitCode, message) => {
    const run = await kmk(['produce', '-t', unique('wrong'), ...argv]);
    expect(run).toMatchObject({ exitCode, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});

describe('consume', () => {
  const topic = unique('read');
  beforeAll(() => produce('-t', topic, '--messages', '30', '--key', 'k'));

  it('reads all there is, from the beginning, and commits nothing', async () => {
    const read = await consume('-t', topic);
    expect(read).toMatchObject({ cluster: 'primary', topic, group: null, count: 30 });
    expect(read.records.map(({ offset }) => offset)).toEqual(Array.from({ length: 30 }, (_, index) => String(index)));
    expect(read.records[0]).toMatchObject({ topic, key: 'k', headers: {} });
    expect(await consume('-t', topic)).toEqual(read);
  });

  it('goes on in a group from its commit, which Kafka shows', async () => {
    const group = unique('readers');
    const first = await consume('-t', topic, '-g', group, '--messages', '12');
    expect(first.count).toBe(12);
    const [partition] = first.records.map((record) => record.partition);
    expect((await commitsByTool('primary', group))[`${topic}-${partition ?? ''}`]).toBe('12');
    const rest = await consume('-t', topic, '-g', group);
    expect(rest.records.map(({ offset }) => Number(offset))).toEqual(Array.from({ length: 18 }, (_, n) => n + 12));
    expect(await consume('-t', topic, '-g', group)).toMatchObject({ count: 0, records: [] });
  });

  it('waits for the copy on the standby', async () => {
    const { exitCode, stdout } = await kmk([
      ...['consume', '-t', `primary.${topic}`, '--cluster', 'secondary', '--messages', '30', '-o', 'jsonl'],
    ]);
    expect(exitCode).toBe(0);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records).toHaveLength(30);
    expect(Object.keys(records[0] ?? {})).toEqual([
      ...['topic', 'partition', 'offset', 'timestamp', 'key', 'value', 'headers'],
    ]);
  });

  it('starts at an offset or a time, in one partition', async () => {
    const [{ partition } = { partition: 0 }] = (await consume('-t', topic)).records;
    const from = ['-t', topic, '--partition', String(partition)];
    expect((await consume(...from, '--from-offset', '25')).count).toBe(5);
    expect((await consume(...from, '--from-offset', '9999')).count).toBe(0);
    expect((await consume(...from, '--from-time', '1h')).count).toBe(30);
    expect((await consume(...from, '--from-time', '2100-01-01')).count).toBe(0);
    expect((await consume('-t', topic, '--partition', String((partition + 1) % 3))).count).toBe(0);
  });

  it('prints what came and ends with 8 when there is less', async () => {
    const run = await kmk(['consume', '-t', topic, '--messages', '31', '--timeout', '2s', '-o', 'json']);
    expect(run.exitCode).toBe(8);
    expect(JSON.parse(run.stdout)).toMatchObject({ count: 30 });
    expect(run.stderr).toContain('30 of 31 records');
    const absent = await kmk(['consume', '-t', `${topic}x`, '--timeout', '500ms']);
    expect(absent).toMatchObject({ exitCode: 8, stdout: '' });
    expect(absent.stderr).toContain(`Did you mean "${topic}"?`);
  });

  it('ends without an error when nobody reads its output any more', async () => {
    const run = await kmk(['consume', '-t', topic, '--follow', '--quiet'], { brokenPipe: true });
    expect(run).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it('follows until it is interrupted', async () => {
    const own = unique('followed');
    await produce('-t', own, '--messages', '3');
    const signals = new EventEmitter();
    const group = unique('followers');
    const running = kmk(['consume', '-t', own, '--follow', '-g', group], { signals });
    await eventually('the first records', async () => {
      const commits = Object.values(await commitsByTool('primary', group).catch(() => ({})));
      return commits.filter((offset) => offset === '1').length === 3 ? true : undefined;
    });
    await produce('-t', own, '--messages', '3');
    await eventually('the later records', async () => {
      const commits = Object.values(await commitsByTool('primary', group));
      return commits.every((offset) => offset === '2') ? true : undefined;
    });
    signals.emit('SIGINT');
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(130);
    expect(stdout.trim().split('\n')).toHaveLength(6);
  });
});
