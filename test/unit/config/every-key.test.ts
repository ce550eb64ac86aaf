import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { configJsonSchema } from '../../../src/config/index.ts';
import { errorsOf, read } from './expectations.ts';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

type Path = readonly (string | number)[];

/** Says something about every key there is: held against the schema below. */
const SAMPLE = {
  version: 1,
  name: 'kmk',
  runtime: 'local',
  kafka: { version: '4.3.1', distribution: 'apache', mode: 'kraft' },
  clusters: {
    a: { brokers: 1, port: 9092, advertisedHost: 'localhost' },
    b: {
      bootstrap: ['b1:9093'],
      clusterId: 'abc',
      security: {
        protocol: 'SASL_SSL',
        sasl: { mechanism: 'PLAIN', username: 'u', password: '${env:PW}' },
        tls: { ca: 'ca', cert: 'c', key: 'k', truststore: 't', keystore: 's', verifyHostname: false },
      },
      connect: { url: 'https://c:8083' },
    },
  },
  replication: {
    mode: 'connect',
    policy: 'default',
    separator: '.',
    internalSeparator: true,
    profile: 'lab',
    flows: [
      {
        source: 'a',
        target: 'b',
        topics: ['t'],
        topicsExclude: ['x'],
        groups: ['g'],
        groupsExclude: ['x'],
        config: { 'tasks.max': 2 },
      },
    ],
  },
  active: 'a',
  ui: { enabled: true, port: 8080 },
  images: {
    kafka: 'mirror.example.com/apache/kafka:4.3.1',
    connect: 'mirror.example.com/apache/kafka:4.3.1',
    zookeeper: 'mirror.example.com/apache/kafka:3.9.2',
    ui: 'mirror.example.com/kafka-ui:v1',
    network: 'mirror.example.com/netshoot:v0.13',
  },
  faults: { network: false, diskMb: 64 },
  objectives: { loss: { records: 0 }, recovery: '30s', redelivered: 1 },
  standby: { writes: 'refused' },
  fence: { strategies: ['acl'], principals: ['User:a'] },
  waves: [{ topics: ['t'], groups: ['g'] }],
  watch: { checks: 5, witnesses: ['http://w'] },
  hooks: { 'before-promote': [['notify', 'now']] },
  hookPolicy: { timeout: '30s', onFailure: 'stop' },
};

/** Every place of the sample with the schema it has to fit. */
function places(schema: JsonSchema, value: unknown, path: Path = []): readonly (readonly [Path, JsonSchema])[] {
  const inside = Array.isArray(value)
    ? value.flatMap((item, index) => places(schema.items ?? {}, item, [...path, index]))
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, child]) => {
          const extra = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
          return places(schema.properties?.[key] ?? extra, child, [...path, key]);
        })
      : [];
  return [[path, schema], ...inside];
}

/** Keys that the schema has where the sample is. */
function missing(schema: JsonSchema, value: unknown, path: Path = []): readonly string[] {
  return places(schema, value, path).flatMap(([at, { properties }]) =>
    Object.keys(properties ?? {})
      .filter((key) => !(key in (valueAt(value, at) as object)))
      .map((key) => [...at, key].join('.')),
  );
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((here, segment) => (here as Record<string | number, unknown>)[segment], root);
}

function replaced(root: unknown, path: Path, value: unknown): unknown {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  if (Array.isArray(root))
    return root.map((item: unknown, index) => (index === segment ? replaced(item, rest, value) : item));
  const mapping = root as Record<string, unknown>;
  return { ...mapping, [segment]: replaced(mapping[segment], rest, value) };
}

function typesOf(schema: JsonSchema): readonly string[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(typesOf);
  return [schema.type ?? typeof schema.const].flat().map((type) => (type === 'integer' ? 'number' : type));
}

/** Values of every JSON type; text that fits no pattern of the file. */
const WRONG: readonly (readonly [type: string, value: unknown])[] = [
  ['null', null],
  ['boolean', true],
  ['number', -3.5],
  ['array', [{ nope: 1 }]],
  ['object', { nope: 1 }],
  ['string', ''],
];

const schema = configJsonSchema() as JsonSchema;
const all = places(schema, SAMPLE);

describe('every key of kmk.yaml', () => {
  it('is in the sample, and the sample is a config but for the identity of its clusters', () => {
    const lists = missing(schema, SAMPLE).filter((path) => !path.startsWith('clusters.'));
    expect(lists).toEqual([]);
    const a = missing(schema, SAMPLE).filter((path) => path.startsWith('clusters.a.'));
    const b = missing(schema, SAMPLE).filter((path) => path.startsWith('clusters.b.'));
    expect([a.length, b.length]).toEqual([4, 3]);
    expect(read(stringify(SAMPLE)).setup.clusters).toHaveLength(2);
    expect(all.length).toBeGreaterThan(70);
  });

  it.each(all.map(([path, part]) => [path.join('.') || 'the document', path, typesOf(part)] as const))(
    '%s refuses every other type, at its own line',
    (_, path, types) => {
      for (const [type, value] of WRONG) {
        // Option values are text, and empty text is a value there.
        if (types.includes(type) && !(type === 'number' && !path.includes('config'))) continue;
        const text = stringify(replaced(SAMPLE, path, value));
        const mine = errorsOf(text).filter((line) => line.includes(pathText(path)));
        if (path.length > 0) expect(mine, `${type} at ${pathText(path)}`).not.toEqual([]);
        for (const line of mine) expect(line).toMatch(/^kmk\.yaml:\d+:\d+: .*(got|unknown key|missing|empty).*[^.]$/);
      }
    },
  );

  it.each(
    all
      .filter(([, { properties }]) => properties !== undefined)
      .map(([path, part]) => [pathText(path), path, part] as const),
  )('%s refuses an unknown key and names the nearest', (text, path, { properties = {} }) => {
    for (const key of Object.keys(properties)) {
      const wrong = `${key}s`;
      const lines = errorsOf(stringify(replaced(SAMPLE, path, { ...(valueAt(SAMPLE, path) as object), [wrong]: 1 })));
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(
        `${text === '' ? '' : `${text}.`}${wrong}: unknown key "${wrong}", did you mean "${key}"?`,
      );
    }
  });
});

function pathText(path: Path): string {
  return path
    .map((segment) =>
      typeof segment === 'number' ? `[${segment}]` : segment.includes('.') ? `["${segment}"]` : `.${segment}`,
    )
    .join('')
    .replace(/^\./, '');
}
