import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timed } from './measure.ts';

const KMK = fileURLToPath(new URL('../bin/kmk.js', import.meta.url));

/** A lab of its own in a temporary folder, driven through the built command line as a user would. */
export interface BenchLab {
  readonly dir: string;
  kmk(...args: string[]): Promise<{ readonly ms: number; readonly stdout: string }>;
  /** Replaces kmk.yaml. */
  configure(replication: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createLab(replication = ''): Promise<BenchLab> {
  const dir = await mkdtemp(join(tmpdir(), 'kmk-bench-'));
  const kmk = (...args: string[]): ReturnType<typeof timed> => timed(process.execPath, [KMK, ...args], { cwd: dir });
  const configure = (text: string): Promise<void> => writeFile(join(dir, 'kmk.yaml'), configText(text));
  await configure(replication);
  return {
    dir,
    kmk,
    configure,
    async [Symbol.asyncDispose]() {
      await kmk('destroy', '--yes', '-q');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function configText(replication: string): string {
  return [
    'version: 1',
    'name: kmk-bench',
    'runtime: local',
    'clusters:',
    '  primary: { brokers: 1, port: auto }',
    '  dr: { brokers: 1, port: auto }',
    'ui: { enabled: false }',
    replication,
    '',
  ].join('\n');
}

interface Status {
  readonly clusters: readonly { readonly alias: string; readonly bootstrap: string }[];
}

export async function bootstrapOf(lab: BenchLab, alias: string): Promise<string> {
  const { clusters } = JSON.parse((await lab.kmk('status', '-o', 'json')).stdout) as Status;
  const found = clusters.find((cluster) => cluster.alias === alias);
  if (found === undefined) throw new Error(`no cluster ${alias}`);
  return found.bootstrap;
}
