import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabRecord } from '../../../src/domain/lab/lab-record.ts';
import type { CliRun } from '../../helpers/run-cli.ts';
import { runCli } from '../../helpers/run-cli.ts';

export interface RenamedLab extends AsyncDisposable {
  kmk(...args: readonly string[]): Promise<CliRun>;
}

/** The shared lab as another kmk would know it: with other names of topics, so that its own MM2 does not see what is written. */
export async function renamedLab(change: (record: LabRecord) => LabRecord): Promise<RenamedLab> {
  const dir = await mkdtemp(join(tmpdir(), 'kmk-renamed-'));
  await cp(join(process.env['KMK_TEST_STATE_DIR'] ?? '', 'lab'), join(dir, 'lab'), {
    recursive: true,
    filter: (path) => !/\/lab\/(data|logs)(\/|$)/.test(path),
  });
  const path = join(dir, 'lab', 'lab.json');
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as LabRecord)));
  const place = ['-c', process.env['KMK_TEST_CONFIG'] ?? '', '--state-dir', dir, '-o', 'json'];
  return {
    kmk: (...args) => runCli([...args, ...place], { env: process.env as Record<string, string> }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

interface Names {
  readonly policy?: 'default' | 'identity';
  readonly separator: string;
  readonly internalSeparator?: boolean;
  readonly location: 'source' | 'target';
}

/** A record with other names, and its syncs in another place. */
export function named({ policy = 'default', separator, internalSeparator = true, location }: Names) {
  return (record: LabRecord): LabRecord => {
    const { replication } = record.setup;
    const flows = replication.flows.map((flow) => ({
      ...flow,
      config: { ...flow.config, 'offset-syncs.topic.location': location },
    }));
    const changed = { ...replication, policy, separator, internalSeparator, flows };
    return { ...record, setup: { ...record.setup, replication: changed } };
  };
}

/** A record of a lab one of whose clusters does not answer: nobody listens on port 1. */
export function lost(alias: string, record: LabRecord): LabRecord {
  const brokers = (record.ports.brokers[alias] ?? []).map((ports) => ({ ...ports, client: 1, internal: 1 }));
  return { ...record, ports: { ...record.ports, brokers: { ...record.ports.brokers, [alias]: brokers } } };
}
