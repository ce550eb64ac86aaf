import { isLabCluster } from '../../domain/lab/ports.ts';
import type { Setup } from '../../domain/setup.ts';
import type { Machine } from '../ports/machine.ts';
import type { DoctorCheck } from './check.ts';

const MIB = 1024 * 1024;
const DISK_NEEDED = 256 * MIB;
const DISK_COMFORTABLE = 2048 * MIB;
/** Heap and the JVM around it, of a broker and of a Connect worker, as they were seen in an idle lab. */
const BROKER_MEMORY = 450 * MIB;
const WORKER_MEMORY = 500 * MIB;
/** A broker keeps some files open per partition, MM2 its connections. */
const FILES_COMFORTABLE = 4096;

export async function foldersCheck(machine: Machine, stateDir: string): Promise<readonly DoctorCheck[]> {
  const look = async (id: string, dir: string, hint: string): Promise<DoctorCheck> =>
    (await machine.isWritable(dir))
      ? { id, finding: 'ok', message: `"${dir}" can be written`, hint: null }
      : { id, finding: 'missing', message: `"${dir}" can not be written`, hint };
  return Promise.all([
    look('state directory', stateDir, 'Fix the permissions, or choose another place with `--state-dir DIR`.'),
    look('cache', machine.cacheDir, 'Fix the permissions, or choose another place with the variable KMK_CACHE.'),
  ]);
}

export async function diskCheck(machine: Machine, stateDir: string): Promise<DoctorCheck> {
  const free = await machine.freeBytes(stateDir);
  const id = 'disk';
  if (free === null) return { id, finding: 'info', message: 'free space is not known', hint: null };
  const message = `${mib(free)} free at "${stateDir}"`;
  if (free >= DISK_COMFORTABLE) return { id, finding: 'ok', message, hint: null };
  const finding = free < DISK_NEEDED ? 'missing' : 'warning';
  return { id, finding, message, hint: `Free space: ${mib(DISK_COMFORTABLE)} are comfortable for a lab.` };
}

export async function memoryCheck(machine: Machine, setup: Setup): Promise<DoctorCheck> {
  const clusters = setup.clusters.filter(isLabCluster);
  const brokers = clusters.reduce((sum, cluster) => sum + cluster.brokers, 0);
  const needed = brokers * BROKER_MEMORY + clusters.length * WORKER_MEMORY;
  const free = await machine.freeMemory();
  const message = `${mib(free)} available, ${machine.cores} cores; this setup takes about ${mib(needed)}`;
  if (free >= needed) return { id: 'memory', finding: 'ok', message, hint: null };
  const hint = 'Close other programs, or give the clusters fewer brokers.';
  return { id: 'memory', finding: 'warning', message, hint };
}

export async function filesCheck(machine: Machine): Promise<DoctorCheck> {
  const limit = await machine.openFiles();
  const message = limit === null ? 'no limit of open files' : `up to ${limit} open files per process`;
  if (limit === null || limit >= FILES_COMFORTABLE) return { id: 'open files', finding: 'ok', message, hint: null };
  return { id: 'open files', finding: 'warning', message, hint: `Raise it with \`ulimit -n ${FILES_COMFORTABLE}\`.` };
}

export async function dockerCheck(machine: Machine): Promise<DoctorCheck> {
  const version = await machine.docker();
  const message = version === null ? 'no Docker engine answers; the local runtime needs none' : `Docker ${version}`;
  return { id: 'docker', finding: 'info', message, hint: null };
}

function mib(bytes: number): string {
  return `${Math.floor(bytes / MIB)} MiB`;
}
