import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/index.ts';
import { consume, createTopic, KmkError, listTopics, planFailback, produce, status } from '../../../src/index.ts';
import { unique } from '../kafka/clients.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TIMEOUT_MS = 50_000;
const run = promisify(execFile);

function setting(name: 'KMK_TEST_CONFIG' | 'KMK_TEST_STATE_DIR'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run with \`npx vitest run --project integration\``);
  return value;
}

/** A folder in which `kmk` is an installed package. */
let installed: string;

beforeAll(async () => {
  installed = await mkdtemp(join(tmpdir(), 'kmk-library-'));
  await mkdir(join(installed, 'node_modules'));
  await symlink(ROOT, join(installed, 'node_modules', 'kmk'), 'dir');
});

afterAll(() => rm(installed, { recursive: true, force: true }));

describe('the installed package', () => {
  it('runs the program of docs/LIBRARY.md', async () => {
    const page = await readFile(join(ROOT, 'docs/LIBRARY.md'), 'utf8');
    const program = /```js\n(.*?)```/s.exec(page)?.[1] ?? '';
    expect(program.trim().split('\n').length).toBeLessThanOrEqual(10);
    const file = join(installed, 'program.mjs');
    await writeFile(file, program);
    const cwd = dirname(setting('KMK_TEST_CONFIG'));
    const { stdout, stderr } = await run(process.execPath, [file], { cwd, timeout: TIMEOUT_MS });
    expect(JSON.parse(stdout)).toMatchObject({
      clusters: [
        { alias: 'primary', role: 'active' },
        { alias: 'dr', role: 'standby' },
      ],
      ...{ acknowledged: 100, copied: 100, active: 'primary' },
    });
    expect(stderr).toContain('starting brokers and replication');
  });

  it('has types that a strict program compiles against', async () => {
    const file = join(installed, 'typed.mts');
    await writeFile(
      file,
      `import { deploy, KmkError, type DeployDocument, type Progress } from 'kmk';
       export const run = (onEvent: (progress: Progress) => void): Promise<DeployDocument> => deploy({ onEvent, wait: false });
       export const isLocked = (error: unknown): boolean => KmkError.is(error) && error.code === 'KMK_LOCKED';
       // @ts-expect-error: there is no such option
       export const wrong = deploy({ wiat: true });
      `,
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const options = [
      '--noEmit',
      '--strict',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2023',
    ];
    const compiled = await run(process.execPath, [tsc, ...options, file], { cwd: installed }).catch(
      (error: unknown) => error as { readonly stdout: string },
    );
    expect(compiled.stdout).toBe('');
  });
});

describe('a call', () => {
  const lab = () => ({ config: setting('KMK_TEST_CONFIG') });

  it('finds the lab beside its config, and by its state directory', async () => {
    const beside = await status(lab());
    expect(beside).toMatchObject({ schema: 'kmk.status/v1', active: 'primary' });
    const config = {
      version: 1,
      name: process.env['KMK_TEST_PROJECT'],
      clusters: { primary: { port: 'auto' }, dr: { port: 'auto' } },
    };
    const named = await status({ config, stateDir: setting('KMK_TEST_STATE_DIR') });
    expect(named.clusters.map(({ bootstrap }) => bootstrap)).toEqual(beside.clusters.map(({ bootstrap }) => bootstrap));
  });

  it('tells its listener what happens, and survives what that throws', async () => {
    const seen: Progress['event'][] = [];
    const onEvent = ({ event }: Progress): void => {
      seen.push(event);
      throw new Error('a listener with a bug');
    };
    const topic = unique('library');
    await createTopic({ ...lab(), topic, partitions: 1, onEvent });
    expect(seen).toEqual(expect.arrayContaining(['run.started', 'run.finished']));
    expect((await listTopics(lab())).topics.map(({ topic: name }) => name)).toContain(topic);
    const values = ['a', 'b'];
    await expect(produce({ ...lab(), topic, values })).resolves.toMatchObject({ acknowledged: 2, failed: 0 });
    const { records } = await consume({ ...lab(), topic });
    expect(records.map(({ value }) => value)).toEqual(values);
  });

  it('answers with fewer records than asked for, and rejects when it is ended', async () => {
    const topic = unique('library');
    await produce({ ...lab(), topic, values: ['only'] });
    const few = await consume({ ...lab(), topic, messages: 5, timeoutMs: 500 });
    expect(few.count).toBe(1);
    const stop = new AbortController();
    const following = consume({ ...lab(), topic, follow: true, signal: stop.signal, onRecord: () => stop.abort() });
    await expect(following).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
  });

  it('rejects with a KmkError', async () => {
    await expect(planFailback(lab())).rejects.toBeInstanceOf(KmkError);
    await expect(status({ config: { version: 1, clsters: {} } })).rejects.toMatchObject({ code: 'KMK_CONFIG_INVALID' });
    await expect(status({ config: 'nowhere.yaml' })).rejects.toMatchObject({ code: 'KMK_CONFIG_FILE' });
    const signal = AbortSignal.abort();
    await expect(status({ ...lab(), signal })).rejects.toMatchObject({ code: 'KMK_INTERRUPTED' });
  });
});
