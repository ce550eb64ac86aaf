import { access, constants, readFile } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { dirname } from 'node:path';
import { execa } from 'execa';
import type { Machine } from '../../app/ports/machine.ts';
import { freeBytes } from './free-space.ts';
import { cacheRoot, jarsOnDisk } from './jars.ts';
import { findJava } from './java.ts';
import { isFree } from './ports.ts';

const ASK_LIMIT_MS = 5000;

/** Looks at this machine the way the local runtime would use it. */
export function inspectMachine(env: NodeJS.ProcessEnv): Omit<Machine, 'lockHolder'> {
  const firstLine = async (command: string, args: readonly string[]): Promise<string | null> => {
    const result = await execa(command, args, { env, extendEnv: false, reject: false, timeout: ASK_LIMIT_MS });
    return result.failed ? null : (result.stdout.split('\n')[0] ?? '').replace(/\u001b\[[0-9;]*m/g, '').trim();
  };
  return {
    nodeVersion: process.versions.node,
    cores: availableParallelism(),
    java: () => findJava(env),
    maven: () => firstLine('mvn', ['--version']),
    jars: (version) => jarsOnDisk(version, env),
    cacheDir: cacheRoot(env),
    isWritable,
    isPortFree: isFree,
    freeBytes,
    freeMemory: availableMemory,
    openFiles,
    docker: () => firstLine('docker', ['version', '--format', '{{.Server.Version}}']),
  };
}

/** The nearest folder that exists decides. */
async function isWritable(dir: string): Promise<boolean> {
  for (let at = dir; ; at = dirname(at)) {
    const exists = await access(at).then(
      () => true,
      () => false,
    );
    if (exists) {
      return access(at, constants.W_OK).then(
        () => true,
        () => false,
      );
    }
    if (at === dirname(at)) return false;
  }
}

/** Page cache counts as available: Linux says so itself, elsewhere the free pages have to do. */
async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? freemem() : Number(kib) * 1024;
}

async function openFiles(): Promise<number | null> {
  const result = await execa('sh', ['-c', 'ulimit -n'], { reject: false });
  const limit = Number(result.stdout);
  return result.failed || !Number.isInteger(limit) ? null : limit;
}
