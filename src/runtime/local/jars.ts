import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KmkError } from '../../domain/errors.ts';
import { removeLeftovers } from './cache-leftovers.ts';
import { tether } from './tether.ts';
import { exists } from './exists.ts';

export interface Jars {
  /** Directory of the jars. */
  readonly libs: string;
  readonly version: string;
  /** Changes when any jar does. */
  readonly fingerprint: string;
  /** Where things made from these jars are kept (class-data archives, storage template). */
  readonly cacheDir: string;
}

export type Progress = (text: string, done?: number, total?: number) => void;

/** Jars that `kafka_2.13` and friends resolve to; only for the progress line. */
const EXPECTED_JARS = 94;
/** What a shell answers for a command that is not there. */
const NOT_FOUND = 127;

/** KMK_CACHE, else XDG_CACHE_HOME/kmk, else ~/.cache/kmk. */
export function cacheRoot(env: NodeJS.ProcessEnv): string {
  return env['KMK_CACHE'] ?? join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kmk');
}

/**
 * The Kafka jars of that version: from KAFKA_HOME when it is set, else from the per-user cache, else fetched into it
 * with Maven, checksums strict. Throws KMK_ENV_MAVEN or KMK_ENV_JARS.
 */
export async function findJars(
  version: string,
  packageRoot: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  signal: AbortSignal,
): Promise<Jars> {
  const home = env['KAFKA_HOME'];
  if (home !== undefined && home !== '') return fromKafkaHome(home, version, env);
  const cacheDir = join(cacheRoot(env), `kafka-${version}`);
  const libs = join(cacheDir, 'libs');
  // The directory appears by rename, so it is complete when it exists.
  if (!(await exists(libs))) await fetchJars(version, packageRoot, cacheDir, env, progress, signal);
  return describe(libs, version, cacheDir);
}

/** Where the jars are already, from the same places in the same order; null when they have yet to be fetched. */
export async function jarsOnDisk(
  version: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly from: 'KAFKA_HOME' | 'cache'; readonly path: string } | null> {
  const home = env['KAFKA_HOME'];
  if (home !== undefined && home !== '') {
    return { from: 'KAFKA_HOME', path: (await fromKafkaHome(home, version, env)).libs };
  }
  const libs = join(cacheRoot(env), `kafka-${version}`, 'libs');
  return (await exists(libs)) ? { from: 'cache', path: libs } : null;
}

async function fromKafkaHome(home: string, version: string, env: NodeJS.ProcessEnv): Promise<Jars> {
  const libs = join(home, 'libs');
  const names = await readdir(libs).catch(() => []);
  const found = names.map((name) => /^kafka-clients-(.+)\.jar$/.exec(name)?.[1]).find((match) => match !== undefined);
  if (found === undefined) {
    throw new KmkError('KMK_ENV_JARS', `KAFKA_HOME "${home}" holds no libs/kafka-clients-*.jar`, {
      hints: ['Point KAFKA_HOME at an unpacked Kafka distribution, or unset it to let kmk fetch the jars.'],
    });
  }
  if (found !== version) {
    throw new KmkError('KMK_ENV_JARS', `KAFKA_HOME "${home}" holds Kafka ${found}, the setup asks for ${version}`, {
      hints: [`Set kafka.version to "${found}" in kmk.yaml, or unset KAFKA_HOME.`],
    });
  }
  const key = createHash('sha256').update(libs).digest('hex').slice(0, 12);
  return describe(libs, found, join(cacheRoot(env), `kafka-home-${key}`));
}

async function describe(libs: string, version: string, cacheDir: string): Promise<Jars> {
  const names = (await readdir(libs)).filter((name) => name.endsWith('.jar')).sort();
  for (const needed of ['kafka_2.13', 'connect-mirror', 'connect-runtime', 'kafka-tools']) {
    if (!names.some((name) => name.startsWith(`${needed}-`))) {
      throw new KmkError('KMK_ENV_JARS', `the jars of Kafka ${version} lack "${needed}"`, {
        hints: ['Remove the cache directory named in `kmk doctor` and run the command again.'],
      });
    }
  }
  await mkdir(cacheDir, { recursive: true });
  return {
    libs,
    version,
    cacheDir,
    fingerprint: createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 16),
  };
}

async function fetchJars(
  version: string,
  packageRoot: string,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const pom = join(packageRoot, 'runtime', version.startsWith('3.') ? 'kafka-3' : 'kafka-4', 'pom.xml');
  const part = join(cacheDir, `libs.part-${process.pid}`);
  await mkdir(cacheDir, { recursive: true });
  await removeLeftovers(cacheDir);
  progress(`fetching the jars of Kafka ${version} with Maven`, 0, EXPECTED_JARS);
  const ticker = setInterval(() => {
    readdir(part).then(
      (names) => progress(`fetching the jars of Kafka ${version} with Maven`, names.length, EXPECTED_JARS),
      () => undefined,
    );
  }, 500);
  try {
    const args = ['-B', '-C', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime'];
    const mvn = ['mvn', ...args, `-Dkafka.version=${version}`, `-DoutputDirectory=${part}`];
    const child = tether(mvn, { cwd: packageRoot, env });
    const abort = (): void => void child.stdin.end();
    signal.addEventListener('abort', abort, { once: true });
    const result = await child;
    signal.removeEventListener('abort', abort);
    signal.throwIfAborted();
    if (result.exitCode === NOT_FOUND) throw mavenAbsent(version);
    if (result.failed) throw mavenFailed(version, result.stdout);
    await writeFile(join(part, '.complete'), `${version}\n`);
    await rename(part, join(cacheDir, 'libs')).catch(async (error: unknown) => {
      // Another kmk fetched the same jars meanwhile: theirs are as good.
      if (!(await exists(join(cacheDir, 'libs')))) throw error;
    });
  } finally {
    clearInterval(ticker);
    await rm(part, { recursive: true, force: true });
  }
}

function mavenAbsent(version: string): KmkError {
  return new KmkError('KMK_ENV_MAVEN', `maven is needed once to fetch Kafka ${version} and "mvn" was not found`, {
    hints: [
      'Install Maven (for example `apt-get install maven`), or set KAFKA_HOME to an unpacked Kafka distribution.',
      'Run `kmk doctor` to see what else is missing.',
    ],
  });
}

function mavenFailed(version: string, output: string): KmkError {
  const line = /^\[ERROR\] (.+)$/m.exec(output)?.[1] ?? 'no reason given';
  return new KmkError('KMK_ENV_JARS', `maven could not fetch Kafka ${version}: ${line.slice(0, 300)}`, {
    hints: [
      "Check the version and the mirrors and proxies in Maven's settings.xml, or set KAFKA_HOME to a Kafka distribution.",
    ],
  });
}
