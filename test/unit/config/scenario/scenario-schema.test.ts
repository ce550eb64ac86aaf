import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { readScenario } from '../../../../src/config/scenario/load-scenario.ts';
import { KmkError } from '../../../../src/domain/errors.ts';

/** A file that says everything that can be said. */
const FULL = `version: 1
name: full
summary: everything
objectives:
  loss:
    records: 5
  recovery: 10s
  redelivered: 7
topology:
  clusters:
    east:
      brokers: 1
    west:
      brokers: 1
  replication:
    policy: default
    flows:
      - source: east
        target: west
        topics: ['.*']
  active: east
workload:
  topics:
    - name: orders
      partitions: 4
      rate: 10
      size: 64
      writtenOn: [active]
  groups:
    - name: billing
      topics: [orders]
      readsOn: active
      commit: 2s
steps:
  - id: first
    steady:
      duration: 1s
      jitter: 500ms
  - steady:
      records: 10
  - drain:
      timeout: 5s
  - wait:
      for: lag
      max: 3
      timeout: 1m
  - prompt:
      text: go on
      lines: [one, two]
  - produce:
      topic: notes
      cluster: east
      messages: 4
  - consume:
      topic: east.notes
      cluster: west
      messages: 4
      timeout: 9s
  - fault:
      cluster: west
      kind: latency
      scope: links
      direction: in
      delay: 20ms
  - fault:
      kind: loss
      percent: 2.5
  - heal: {}
  - disaster:
      cluster: east
      how: stop
  - failover:
      force: true
  - failback: {}
  - switchover: {}
  - check: [no-skips, nothing-lost]
`;

type Path = readonly (string | number)[];

/** Every path of a document, its containers first. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const children = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...children.flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}

function withValue(value: unknown, path: Path, change: (old: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.map((item, index) => (index === key ? withValue(item, rest, change) : item) as unknown);
  const mapping = value as Record<string, unknown>;
  return { ...mapping, [key]: withValue(mapping[key], rest, change) };
}

function errorOf(text: string): KmkError {
  try {
    readScenario(text, 'drill.yaml');
  } catch (error) {
    if (KmkError.is(error)) return error;
    throw error;
  }
  throw new Error('the scenario was accepted');
}

const linesOf = (error: KmkError): readonly string[] =>
  error.diagnostics.length > 0 ? error.diagnostics : [error.message];

const document: unknown = parse(FULL);
const paths = pathsOf(document).filter((path) => path.length > 0);

describe('a scenario file', () => {
  it('is read with every key', () => {
    const scenario = readScenario(FULL, 'drill.yaml');
    expect(scenario.objectives).toEqual({ lossRecords: 5, recoveryMs: 10_000, redelivered: 7 });
    expect(scenario.topology?.clusters.map((cluster) => ('port' in cluster ? cluster.port : null))).toEqual([
      'auto',
      'auto',
    ]);
    expect(scenario.workload.groups[0]).toEqual({
      name: 'billing',
      topics: ['orders'],
      readsOn: 'active',
      commitIntervalMs: 2000,
    });
    expect(scenario.steps.map(({ id, kind }) => [id, kind])).toEqual([
      ['first', 'steady'],
      ['steady', 'steady'],
      ['drain', 'drain'],
      ['wait', 'wait'],
      ['prompt', 'prompt'],
      ['produce', 'produce'],
      ['consume', 'consume'],
      ['fault', 'fault'],
      ['fault-2', 'fault'],
      ['heal', 'heal'],
      ['disaster', 'disaster'],
      ['failover', 'failover'],
      ['failback', 'failback'],
      ['switchover', 'switchover'],
      ['check', 'check'],
    ]);
    expect(scenario.steps.filter(({ kind }) => kind === 'fault')).toEqual([
      {
        ...{ id: 'fault', kind: 'fault', cluster: 'west' },
        ...{ fault: 'latency', scope: 'links', direction: 'in', delayMs: 20 },
      },
      { id: 'fault-2', kind: 'fault', cluster: 'active', fault: 'loss', scope: 'site', lossPercent: 2.5 },
    ]);
    expect(scenario.steps[0]).toEqual({ id: 'first', kind: 'steady', durationMs: 1000, records: null, jitterMs: 500 });
  });

  it.each(paths.map((path) => [path.join('.'), path] as const))('refuses a wrong type at %s', (_name, path) => {
    const isMapping = (value: unknown): boolean => typeof value === 'object' && value !== null;
    const wrong = stringify(withValue(document, path, (old) => (isMapping(old) ? 17 : { wrong: true })));
    const error = errorOf(wrong);
    expect(error.code).toBe('KMK_CONFIG_INVALID');
    for (const line of linesOf(error)) expect(line).toMatch(/^drill\.yaml:\d+:\d+: /);
  });

  const mappings = paths.filter((path) => {
    let here: unknown = document;
    for (const key of path) here = (here as Record<string | number, unknown>)[key];
    return typeof here === 'object' && here !== null && !Array.isArray(here);
  });

  it.each([[], ...mappings].map((path) => [path.join('.') || 'the root', path] as const))(
    'refuses an unknown key in %s with its line',
    (_name, path) => {
      // A cluster may be called anything: there an unknown key is one more cluster without a body.
      if (path.join('.') === 'topology.clusters') return;
      const text = stringify(withValue(document, path, (old) => ({ ...(old as object), zzyzx: 1 })));
      const line = text.split('\n').findIndex((row) => row.includes('zzyzx')) + 1;
      expect(linesOf(errorOf(text)).join('\n')).toMatch(new RegExp(`drill\\.yaml:${line}:\\d+: .*zzyzx`));
    },
  );

  it('never fails in another way, whatever it holds', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything({ maxDepth: 2 }), (path, junk) => {
        let text: string;
        try {
          text = stringify(withValue(document, path, () => junk));
        } catch {
          return;
        }
        try {
          readScenario(text, 'drill.yaml');
        } catch (error) {
          if (!KmkError.is(error)) throw error;
          expect(error.kind).toBe('config');
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['', /got nothing/],
    ['version: 1\nname: a\nsummary: b\nsteps: []\n', /steps: .*a list of steps/],
    [FULL.replace('  - failback: {}\n', '  - failover: {}\n'), /comes after a failover without a failback/],
    [FULL.replace('kind: latency', 'kind: kill'), /steps\[\d\]\.fault\.scope: links cannot kill/],
    [FULL.replace('kind: latency', 'kind: partition'), /steps\[\d\]\.fault\.delay: is for latency/],
    [FULL.replace('scope: links', 'scope: site'), /steps\[\d\]\.fault\.direction: is for a fault of links/],
    [FULL.replace('kind: loss', 'kind: disk-full'), /steps\[\d\]\.fault: fills the disks of brokers/],
    [FULL.replace('percent: 2.5', 'percent: 0'), /steps\[\d\]\.fault\.percent: got 0, expected a number above 0/],
    [FULL.replace('  - failback: {}\n', ''), /comes after a failover without a failback/],
    [FULL.replace('  - failover:\n      force: true\n', ''), /comes before any failover/],
    [FULL.replace('      records: 10\n', '      records: 10\n      duration: 1s\n'), /either duration or records/],
    [FULL.replace('topics: [orders]', 'topics: [order]'), /unknown workload topic "order", did you mean "orders"/],
    [FULL.replace('cluster: west', 'cluster: wets'), /unknown cluster "wets", did you mean "west"/],
    [FULL.replace('  - drain:\n', '  - id: first\n    drain:\n'), /the id "first" is given twice/],
    [FULL.replace('  - failback: {}\n', '  - failback: {}\n    failover: {}\n'), /expected exactly one action/],
    [FULL.replace('  - failback: {}\n', '  - id: lonely\n'), /names no action/],
    [FULL.replace('policy: default', 'policy: identiti'), /did you mean "identity"/],
    [FULL.replace('target: west', 'target: nowhere'), /topology\.replication\.flows\[0\]/],
  ])('explains what is wrong (%#)', (text, expected) => {
    expect(linesOf(errorOf(text)).join('\n')).toMatch(expected);
  });
});
