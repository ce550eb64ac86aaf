import { join } from 'node:path';
import type { Jars } from './jars.ts';

/**
 * Options for a short start on few cores: the serial collector needs no threads of its own, and the optimizing
 * compiler starts later than by default, so that it does not compete with start-up. Measured on 2 cores, three JVMs at
 * once: 10.9 s to the first heartbeat with defaults, 8.1 s with class-data sharing, 6.1 s with these thresholds too.
 * The compiler itself stays on: throughput after warm-up is the same.
 */
const START_OPTIONS = [
  '-XX:+UseSerialGC',
  '-XX:-UsePerfData',
  '-Xshare:auto',
  '-Xlog:cds=off',
  '-Xlog:cds+dynamic=off',
  '-XX:Tier3InvocationThreshold=2000',
  '-XX:Tier3MinInvocationThreshold=1000',
  '-XX:Tier3CompileThreshold=20000',
  '-XX:Tier3BackEdgeThreshold=600000',
  '-XX:Tier4InvocationThreshold=50000',
  '-XX:Tier4MinInvocationThreshold=20000',
  '-XX:Tier4CompileThreshold=100000',
  '-XX:Tier4BackEdgeThreshold=400000',
];

/** Class path of all jars as a wildcard: short enough for `ps`, and in one order as class-data sharing needs. */
export function classPath(jars: Jars): string {
  return join(jars.libs, '*');
}

export function loggingOption(jars: Jars, packageRoot: string): string {
  return jars.version.startsWith('3.')
    ? `-Dlog4j.configuration=file:${join(packageRoot, 'runtime', 'log4j.properties')}`
    : `-Dlog4j2.configurationFile=${join(packageRoot, 'runtime', 'log4j2.properties')}`;
}

export interface JvmRequest {
  readonly jars: Jars;
  readonly packageRoot: string;
  readonly heapMb: number;
  /** Class-data archive to use, where one was made. */
  readonly archive: string | null;
  readonly properties: Readonly<Record<string, string>>;
}

/** Everything between `java` and the main class. */
export function jvmOptions(request: JvmRequest): readonly string[] {
  const { jars, packageRoot, heapMb, archive, properties } = request;
  return [
    ...START_OPTIONS,
    ...(archive === null ? [] : [`-XX:SharedArchiveFile=${archive}`]),
    `-Xmx${heapMb}m`,
    '-XX:+ExitOnOutOfMemoryError',
    '-Djava.awt.headless=true',
    loggingOption(jars, packageRoot),
    ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
    '-cp',
    classPath(jars),
  ];
}
