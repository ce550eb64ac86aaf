import { compileJavaPattern } from './java-pattern.ts';
import type { Flow } from './setup.ts';

/** What MM2 does not copy unless told otherwise (DefaultConfigPropertyFilter, 3.9 and 4.x together). */
const CONFIG_EXCLUDE = [
  'follower\\.replication\\.throttled\\.replicas',
  'leader\\.replication\\.throttled\\.replicas',
  'message\\.timestamp\\.difference\\.max\\.ms',
  'log\\.message\\.timestamp\\.before\\.max\\.ms',
  'log\\.message\\.timestamp\\.after\\.max\\.ms',
  'message\\.timestamp\\.type',
  'unclean\\.leader\\.election\\.enable',
  'min\\.insync\\.replicas',
];

/** The settings of a topic that MM2 keeps equal on both sides. */
export function syncedConfig(
  flow: Flow,
  overrides: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const own = flow.config['config.properties.exclude'];
  const patterns = own === undefined ? CONFIG_EXCLUDE : own.split(',').map((pattern) => pattern.trim());
  const excluded = patterns.map((pattern) => compileJavaPattern(pattern) ?? (() => true));
  return Object.fromEntries(Object.entries(overrides).filter(([key]) => !excluded.some((matches) => matches(key))));
}
