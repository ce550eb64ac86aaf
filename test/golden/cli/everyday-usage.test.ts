import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../helpers/run-cli.ts';

/** A folder with the built-in lab config and nothing deployed. */
let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'kmk-usage-'));
  await writeFile(join(cwd, 'wrong.yaml'), 'version: 1\nnam: x\n');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const kmk = (line: string) => runCli(line.split(' '), { cwd });

describe('usage errors exit 2 before anything is looked at', () => {
  it.each([
    ['produce', 'option --topic is required'],
    ['produce -t', 'option --topic needs a value'],
    ['produce -t a/b', 'option --topic expects a topic name'],
    ['produce -t ..', 'option --topic expects a topic name'],
    ['produce -t a --messages 0', 'option --messages expects a whole number from 1'],
    ['produce -t a --messages 1e3', 'option --messages expects a whole number from 1, got "1e3"'],
    ['produce -t a --messages 99999999999999999999', 'option --messages expects a whole number'],
    ['produce -t a --size 0', 'option --size expects a whole number from 1 to 104857600, got "0"'],
    ['produce -t a --size 999999999999', 'option --size expects'],
    ['produce -t a --rate 0', 'option --rate expects records per second above 0, such as 100 or 100/s, got "0"'],
    ['produce -t a --partition -1', 'option --partition expects'],
    ['produce -t a --compression zip', 'option --compression expects one of none, gzip, snappy, lz4, zstd, got "zip"'],
    ['produce -t a --header x', 'option --header expects key=value, got "x"'],
    ['produce -t a --duration 5', 'option --duration expects a duration'],
    ['produce -t a --file f --size 5', 'options --file and --size exclude each other'],
    ['consume -t a --from-offset -1', 'option --from-offset expects an offset'],
    ['consume -t a --from-time yesterday', 'option --from-time expects a time'],
    ['consume -t a --from-time 2026-13-45', 'option --from-time expects a time'],
    ['consume -t a --from-offset 1 --from-time 5m', 'options --from-offset and --from-time exclude each other'],
    ['consume -t a --from-beginning --from-offset 1', 'options --from-beginning and --from-offset exclude each other'],
    ['consume -t a -g g --partition 1', 'options --group and --partition exclude each other'],
    ['topic describe', 'name the topic'],
    ['topic describe a -t b', 'two different names were given, "a" and "b"'],
    ['topic create a --partitions 0', 'option --partitions expects a whole number from 1 to 10000, got "0"'],
    ['topic create a --topic-config x', 'option --topic-config expects key=value, got "x"'],
    ['topic delete', 'name at least one topic'],
    ['topic delete a/b', '"a/b" is not a topic name'],
    ['group describe', 'name the group'],
    ['group reset g --all-topics', 'say where to: one of --to-earliest'],
    ['group reset g --all-topics --to-latest --to-offset 5', 'options --to-latest, --to-offset exclude each other'],
    ['group reset g --to-latest', 'say what to reset: either --topic (repeatable) or --all-topics'],
    ['group reset g --all-topics -t a --to-latest', 'say what to reset'],
    ['group reset g -t a:x --to-latest', 'option --topic expects a topic, or some of its partitions'],
    ['group reset g -t a --shift-by 1.5', 'option --shift-by expects a whole number, such as 10 or -10, got "1.5"'],
    ['group reset g -t a --by-duration P', 'option --by-duration expects a duration such as 1h, 30m or PT1H, got "P"'],
    ['offsets restore', 'option --snapshot is required'],
    ['offsets translate', 'say what to translate: --topic, --partition, --offset missing, or --group'],
    ['offsets translate -g g --offset 1', 'options --group and --offset exclude each other'],
    ['offsets translate -t a --partition 0 --offset -1', 'option --offset expects an offset'],
    ['offsets translate -g g --direction back', 'option --direction expects one of forward, inverse, got "back"'],
    ['group reset g --all-topics --to-latest --accept-best', 'option --accept-best needs --to-exact'],
    ['offsets sync -t a/b', 'option --topic expects a topic name'],
    ['flow pause a b', 'unexpected argument "b" for `kmk flow pause`'],
    ['logs -n -1', 'option --lines expects a whole number from 0'],
    ['perf --records 0', 'option --records expects'],
    ['report --format pdf', 'option --format expects one of html, md, json, junit, got "pdf"'],
    ['report --format md --open', 'only HTML can be opened, not --format md'],
    ['render mm', 'argument [what] expects one of compose, mm2, connect, worker, all, got "mm"'],
  ])('kmk %s', async (line, message) => {
    const { exitCode, stdout, stderr } = await kmk(line);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain(`--help\` for its usage.`);
  });
});

const ASKED = [
  ...['topic delete a', 'group reset g -t a --to-latest', 'flow pause', 'flow stop', 'flow restart'],
  ...['offsets sync', 'offsets restore --snapshot x'],
];
const UNASKED = [
  ...['produce -t a', 'consume -t a', 'topic list', 'topic describe a', 'topic create a', 'group list'],
  ...[
    'group describe g',
    'flow list',
    'flow describe',
    'flow resume',
    'offsets show',
    'offsets snapshot',
    'verify',
    'logs',
    'perf',
  ],
];

describe('the order of checks', () => {
  it.each([...ASKED, ...UNASKED])('kmk %s: a wrong config first (3)', async (line) => {
    expect(await kmk(`${line} -c wrong.yaml`)).toMatchObject({ exitCode: 3 });
  });

  it.each(ASKED)('kmk %s: then the question nobody answers (7)', async (line) => {
    const { exitCode, stderr } = await kmk(line);
    expect(exitCode).toBe(7);
    expect(stderr).toContain('has to be confirmed');
  });

  it.each([...ASKED.map((line) => `${line} --yes`), ...UNASKED])('kmk %s: then the missing lab (7)', async (line) => {
    const { exitCode, stderr } = await kmk(line);
    expect(exitCode).toBe(7);
    expect(stderr).toBe('error: nothing is deployed here\nhint: Run `kmk deploy` first.\n');
  });
});

describe('without a lab', () => {
  it('render prints and compares, report says that there are no runs, doctor answers', async () => {
    expect(await kmk('render mm2')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await kmk('render all --check')).toMatchObject({ exitCode: 6 });
    expect(await kmk('report')).toMatchObject({ exitCode: 7 });
    const { exitCode, stdout } = await kmk('doctor -o json');
    expect([0, 4]).toContain(exitCode);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'kmk.doctor/v1', ready: exitCode === 0 });
  });

  it('render writes what it then finds unchanged, with a secret only for its owner', async () => {
    expect(await kmk('render all --out r')).toMatchObject({ exitCode: 0 });
    expect(await kmk('render all --out r --check')).toMatchObject({ exitCode: 0 });
    const { stat } = await import('node:fs/promises');
    expect((await stat(join(cwd, 'r', 'secrets', 'internal.properties'))).mode & 0o777).toBe(0o600);
    await writeFile(join(cwd, 'r', 'mm2', 'mm2.properties'), 'edited\n');
    const diff = await kmk('render mm2 --out r --diff');
    expect(diff).toMatchObject({ exitCode: 0 });
    expect(diff.stdout).toContain('-edited\n');
    expect(await kmk('render mm2 --out r --check')).toMatchObject({ exitCode: 6 });
  });
});
