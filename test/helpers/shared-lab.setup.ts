import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/composition/system.ts';
import { clusterLayout, layoutOf } from '../../src/domain/lab/layout.ts';
import { cacheRoot } from '../../src/runtime/local/jars.ts';
import { createFileRunStore } from '../../src/store/file-run-store.ts';
import { createLabFiles } from '../../src/store/lab-files.ts';
import type { TestCluster } from './lab.ts';
import { openStandby } from './open-standby.ts';
import { runCli } from './run-cli.ts';

/** A project is deployed from one folder at a time: runs beside each other need names of their own. */
const PROJECT = `kmk-test-${process.pid}`;

/** Two one-broker clusters and MM2 for every integration test: fresh topics and groups keep the cases apart. */
const CONFIG = `version: 1
name: ${PROJECT}
runtime: local
clusters:
  primary: { brokers: 1, port: auto }
  dr: { brokers: 1, port: auto }
ui: { enabled: false }
`;

/** Deploys the lab, leaves its addresses in the environment, and removes it when the last test is over. */
export default async function setup(): Promise<() => Promise<void>> {
  const dir = await mkdtemp(join(tmpdir(), 'kmk-shared-lab-'));
  const config = join(dir, 'kmk.yaml');
  const stateDir = join(dir, '.kmk');
  await writeFile(config, CONFIG);
  const kmk = async (...args: string[]): Promise<string> => {
    const result = await runCli(['-c', config, ...args], { env: process.env as Record<string, string>, cwd: dir });
    if (result.exitCode !== 0) throw new Error(`kmk ${args.join(' ')}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  };
  const teardown = async (): Promise<void> => {
    await kmk('destroy', '--yes');
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await kmk('deploy', '-o', 'json');
    await openStandby(stateDir);
    const record = await createFileRunStore(stateDir, systemClock).loadLab();
    if (record === null) throw new Error('deploy left no record');
    const layout = layoutOf(record.setup, record.ports, 'local');
    const { kmk: password } = await createLabFiles(join(stateDir, 'lab')).secrets();
    const clusterOf = (alias: string): TestCluster => {
      const { clientBootstrap: bootstrap, adminBootstrap } = clusterLayout(layout, alias);
      return { bootstrap, adminBootstrap, password };
    };
    const libs = join(cacheRoot(process.env), 'kafka-4.3.1', 'libs');
    process.env['KMK_TEST_LAB'] = JSON.stringify({ primary: clusterOf('primary'), dr: clusterOf('dr'), libs });
    process.env['KMK_TEST_STATE_DIR'] = stateDir;
    process.env['KMK_TEST_CONFIG'] = config;
    process.env['KMK_TEST_PROJECT'] = PROJECT;
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}
