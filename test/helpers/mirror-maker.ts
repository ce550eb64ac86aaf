import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labCluster, testLab } from './lab.ts';

export interface MirrorMaker {
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
}

const COMMON: Readonly<Record<string, string>> = {
  clusters: 'primary, dr',
  'primary->dr.enabled': 'true',
  'dr->primary.enabled': 'false',
  'dr->primary.emit.heartbeats.enabled': 'false',
  'primary->dr.emit.heartbeats.enabled': 'false',
  'primary->dr.sync.group.offsets.enabled': 'true',
  'primary->dr.sync.group.offsets.interval.seconds': '1',
  'primary->dr.emit.checkpoints.interval.seconds': '1',
  'primary->dr.refresh.topics.interval.seconds': '1',
  'primary->dr.refresh.groups.interval.seconds': '1',
  'primary->dr.sync.topic.acls.enabled': 'false',
  'primary->dr.consumer.poll.timeout.ms': '200',
  'replication.factor': '1',
  'checkpoints.topic.replication.factor': '1',
  'offset-syncs.topic.replication.factor': '1',
  'heartbeats.topic.replication.factor': '1',
  'dr.config.storage.replication.factor': '1',
  'dr.offset.storage.replication.factor': '1',
  'dr.status.storage.replication.factor': '1',
  'dr.offset.storage.partitions': '1',
  'dr.status.storage.partitions': '1',
  'dr.offset.flush.interval.ms': '1000',
  'dr.plugin.discovery': 'service_load',
  'dedicated.mode.enable.internal.rest': 'true',
  listeners: 'http://127.0.0.1:0',
};

/**
 * MirrorMaker 2 in a process of its own between the clusters of the shared lab, for flows that the lab does not have. A
 * value of null leaves an option out.
 */
export async function startMirrorMaker(options: Readonly<Record<string, string | null>>): Promise<MirrorMaker> {
  const dir = await mkdtemp(join(tmpdir(), 'kmk-mm2-'));
  const file = join(dir, 'mm2.properties');
  const entries: Readonly<Record<string, string | null>> = {
    ...COMMON,
    'primary.bootstrap.servers': labCluster('primary').bootstrap,
    'dr.bootstrap.servers': labCluster('dr').bootstrap,
    ...options,
  };
  const given = Object.entries(entries).filter(([, value]) => value !== null);
  const lines = given.map(([key, value]) => `${key} = ${value}`);
  await writeFile(file, lines.join('\n'));
  const classes = join(testLab().libs, '*');
  const main = 'org.apache.kafka.connect.mirror.MirrorMaker';
  const child = spawn('java', ['-Xmx384m', '-XX:TieredStopAtLevel=1', '-cp', classes, main, file, '--clusters', 'dr'], {
    stdio: 'ignore',
  });
  return {
    async kill() {
      const gone = child.exitCode === null && child.signalCode === null ? once(child, 'close') : null;
      child.kill('SIGKILL');
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
