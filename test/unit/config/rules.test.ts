import { describe, expect, it } from 'vitest';
import { errorsOf, read } from './expectations.ts';

const EXISTING = 'a: { bootstrap: ["a:9092"] }';

/** One flow primary->dr with these further keys. */
const flow = (more: string): string => `replication: { flows: [{ source: primary, target: dr, ${more} }] }`;
const option = (name: string, value: string): string => flow(`config: { "${name}": ${value} }`);
const security = (text: string): string => `clusters: { a: { bootstrap: ["a:9092"], security: ${text} }, b: {} }`;
const sasl = 'sasl: { mechanism: PLAIN, username: u, password: "${env:PW}" }';

/** [what, lines after `version: 1`, text of the one error] */
const BROKEN: readonly (readonly [string, string, string])[] = [
  ['a disk too small for a broker', 'faults: { diskMb: 5 }', 'faults.diskMb: got 5, expected 0, or from 64 to 65536'],
  [
    'gates in dedicated mode',
    'faults: { network: true }\nreplication: { mode: dedicated }',
    'faults.network: got true, expected false in dedicated mode',
  ],
  ['zookeeper on 4.x', 'kafka: { mode: zookeeper }', 'kafka.mode: got "zookeeper", expected kraft with Kafka 4.3.1'],
  ['confluent on 4.x', 'kafka: { distribution: confluent }', 'kafka.distribution: got "confluent"'],
  ['Kafka 3.8', 'kafka: { version: "3.8.1" }', 'kafka.version: got "3.8.1"'],
  ['one cluster', 'clusters: { a: {} }', 'expected at least two clusters'],
  [
    'no brokers',
    'clusters: { a: { brokers: 0 }, b: {} }',
    'clusters.a.brokers: got 0, expected a number of brokers from 1 to 5',
  ],
  ['six brokers', 'clusters: { a: { brokers: 6 }, b: {} }', 'got 6'],
  ['half a broker', 'clusters: { a: { brokers: 1.5 }, b: {} }', 'got 1.5'],
  ['port 0', 'clusters: { a: { port: 0 }, b: {} }', 'clusters.a.port: got 0, expected a port from 1 to 65535, or auto'],
  ['a wrong alias', 'clusters: { "a b": {}, b: {} }', 'got the key "a b", expected an alias'],
  ['a long alias', `clusters: { ${'x'.repeat(64)}: {}, b: {} }`, 'expected an alias of 1 to 63'],
  [
    'both kinds',
    'clusters: { a: { bootstrap: ["a:1"], port: 1 }, b: {} }',
    'clusters.a.port: "port" is for clusters that kmk starts',
  ],
  [
    'neither kind',
    'clusters: { a: { clusterId: x }, b: {} }',
    'clusters.a.clusterId: "clusterId" is for clusters that exist',
  ],
  ['no brokers listed', 'clusters: { a: { bootstrap: [] }, b: {} }', 'clusters.a.bootstrap: got an empty list'],
  [
    'an address without port',
    'clusters: { a: { bootstrap: [host] }, b: {} }',
    'bootstrap[0]: got "host", expected host:port',
  ],
  ['two in one address', 'clusters: { a: { bootstrap: ["a:1,b:2"] }, b: {} }', 'expected host:port'],
  ['the same cluster twice', `clusters: { ${EXISTING}, b: { bootstrap: ["a:9092"] } }`, 'than that of cluster "a"'],
  [
    'the same id twice',
    'clusters: { a: { bootstrap: ["a:1"], clusterId: x }, b: { bootstrap: ["b:1"], clusterId: x } }',
    'clusters.b.clusterId',
  ],
  [
    'a port twice',
    'clusters: { a: { port: 9092 }, b: { port: 9092 } }',
    'clusters.b.port: got 9092, expected a port that is used once: cluster "a" has it',
  ],
  [
    'the UI on a broker port',
    'clusters: { a: { port: 8080 }, b: {} }\nui: { port: 8080 }',
    'ui.port: got 8080, expected a port that is used once',
  ],
  [
    'a separator in an alias',
    'clusters: { us-east: {}, b: {} }\nreplication: { separator: "-" }',
    'a separator that is not part of the alias "us-east"',
  ],
  ['a separator no topic can have', 'replication: { separator: "/" }', 'replication.separator: got "/"'],
  ['no separator', 'replication: { separator: "" }', 'replication.separator: got ""'],
  [
    'an unknown target',
    'replication: { flows: [{ source: primary, target: drr }] }',
    'flows[0].target: got "drr", expected the alias of a cluster (primary, dr), did you mean "dr"?',
  ],
  [
    'a flow to itself',
    'replication: { flows: [{ source: primary, target: primary }] }',
    'expected another alias than the source',
  ],
  [
    'a flow twice',
    'replication: { flows: [{ source: primary, target: dr }, { source: primary, target: dr }] }',
    'flows[1]: got a second flow primary->dr',
  ],
  ['no flow', 'replication: { flows: [] }', 'at least one flow'],
  [
    'identity both ways',
    'replication: { policy: identity, flows: [{ source: primary, target: dr }, { source: dr, target: primary }] }',
    'flows[1]: got the flow dr->primary and a way back',
  ],
  ['writes on a standby that nothing copies back', 'standby: { writes: allowed }', 'a flow dr->primary'],
  [
    'writes on a standby under identity',
    'standby: { writes: allowed }\nreplication: { policy: identity }',
    'refused under the identity policy',
  ],
  [
    'identity in a circle',
    'clusters: { a: {}, b: {}, c: {} }\nreplication: { policy: identity, flows: [{ source: a, target: b }, { source: b, target: c }, { source: c, target: a }] }',
    'flows[2]: got the flow c->a and a way back',
  ],
  ['an unknown active cluster', 'active: third', 'active: got "third"'],
  [
    'Connect in dedicated mode',
    'clusters: { a: {}, b: { bootstrap: ["b:1"], connect: { url: "http://c" } } }\nreplication: { mode: dedicated }',
    'clusters.b.connect: got a Connect cluster, expected none in dedicated mode',
  ],
  ['a comma in a pattern', flow('topics: ["a,b"]'), 'topics[0]: got "a,b", expected a pattern without a comma'],
  ['a comma in a repetition', flow('groups: ["a{1,2}"]'), 'expected a pattern without a comma'],
  [
    'an unbalanced bracket',
    flow('topicsExclude: ["[a"]'),
    'topicsExclude[0]: got "[a", expected a Java regular expression: it has a "["',
  ],
  ['a shell glob', flow('topics: ["*"]'), 'did you mean ".*"?'],
  ['an empty pattern', flow('topics: [""]'), 'topics[0]: got ""'],
  ['no topics', flow('topics: []'), 'topics: got an empty list'],
  [
    'a topic hidden by the user',
    flow('topics: [orders, ok], topicsExclude: ["ord.*"]'),
    'topics[0]: got "orders", expected a name that is not hidden: it is excluded by topicsExclude "ord.*"',
  ],
  ['an escaped name hidden', flow('topics: ["a\\\\.replica"]'), `excluded by MM2's own exclude ".*\\.replica"`],
  ['everything hidden', flow('topics: ["a.*"], topicsExclude: [".*"]'), 'excluded by topicsExclude ".*"'],
  ['a group hidden by MM2', flow('groups: [connect-sink]'), `MM2's own exclude "connect-.*"`],
  [
    'an internal topic on 3.9',
    `kafka: { version: "3.9.2" }\n${flow('topics: [orders.internal]')}`,
    'MM2 3.9.2, which takes it for an internal topic',
  ],
  [
    'group sync without checkpoints',
    option('emit.checkpoints.enabled', 'false'),
    'is "false", but synced group offsets need it',
  ],
  [
    'group sync without checkpoint interval',
    option('emit.checkpoints.interval.seconds', '-1'),
    'is "-1", but synced group offsets need it',
  ],
  ['checkpoints without syncs', option('emit.offset-syncs.enabled', 'false'), 'but checkpoints need it'],
  [
    'more replicas than brokers',
    option('replication.factor', '2'),
    'got 2, expected at most 1, the number of brokers of cluster "dr"',
  ],
  ['no replicas', option('replication.factor', '0'), 'got "0", expected a whole number from 1'],
  ['a huge number', option('tasks.max', '9007199254740993'), 'in quotes'],
  ['a name that kmk sets', option('replication.policy.class', 'x'), 'is set by kmk, use replication.policy'],
  [
    'a literal password',
    security('{ protocol: SASL_SSL, sasl: { mechanism: PLAIN, username: u, password: hunter2 } }'),
    'sasl.password: got "***", expected a reference',
  ],
  [
    'half a reference',
    security('{ protocol: SASL_SSL, sasl: { mechanism: PLAIN, username: u, password: "x${env:A}" } }'),
    'got "***"',
  ],
  [
    'an unknown provider',
    security('{ protocol: SASL_SSL, sasl: { mechanism: PLAIN, username: "${vault:A}", password: "${env:A}" } }'),
    'got "${vault:A}"',
  ],
  [
    'a literal key',
    security('{ protocol: SSL, tls: { cert: c, key: "-----BEGIN PRIVATE KEY-----" } }'),
    'tls.key: got "***"',
  ],
  [
    'a password in a URL',
    'clusters: { a: { bootstrap: ["a:1"], connect: { url: "http://u:hunter2@c" } }, b: {} }',
    'connect.url: got a URL with credentials',
  ],
  ['a password in an option', option('source.cluster.ssl.key.password', 'hunter2'), 'got "***"'],
  ['a password in a JAAS line', option('sasl.jaas.config', '\'x required password="hunter2";\''), 'got "***"'],
  [
    'a password of digits',
    security('{ protocol: SASL_SSL, sasl: { mechanism: PLAIN, username: u, password: 4711 } }'),
    'sasl.password: got "***", expected a reference',
  ],
  [
    'one password of two in a JAAS line',
    option('sasl.jaas.config', '\'x password="${env:A}" user_a_password="hunter2";\''),
    'got "***"',
  ],
  ['SASL without sasl', security('{ protocol: SASL_SSL }'), '"sasl" is missing'],
  ['sasl without SASL', security(`{ protocol: SSL, ${sasl} }`), '"sasl" has no effect with protocol SSL'],
  ['tls without TLS', security(`{ protocol: SASL_PLAINTEXT, ${sasl}, tls: { ca: c } }`), '"tls" has no effect'],
  ['no password', security('{ protocol: SASL_SSL, sasl: { mechanism: PLAIN, username: u } }'), '"password" is missing'],
  ['a certificate without key', security('{ protocol: SSL, tls: { cert: c } }'), '"key" is missing'],
  ['security without protocol', security('{ tls: { ca: c } }'), 'protocol: is missing, expected PLAINTEXT | SSL'],
  ['an empty wave', 'waves: [{}]', 'waves[0]: got an empty wave'],
  ['a shell string', 'hooks: { before-promote: "notify now" }', 'argv lists'],
  [
    'a string for an argv list',
    'hooks: { before-promote: [notify] }',
    'hooks.before-promote[0]: got "notify", expected an argv list',
  ],
  [
    'a fence by hooks that nothing opens again',
    'fence: { strategies: [acl, hook] }\nhooks: { before-fence: [[x]] }',
    'names hook, but hooks has no "undo-fence"',
  ],
  ['a fence that kmk cannot see', 'fence: { strategies: [hook] }', 'lacks acl'],
  ['an unnamed step', 'hooks: { promote: [[x]] }', 'expected before-STEP, after-STEP or undo-STEP'],
  [
    'a duration without unit',
    'objectives: { recovery: 30 }',
    'objectives.recovery: got 30, expected a duration with a unit',
  ],
  ['no time at all', 'objectives: { recovery: 0s }', 'objectives.recovery: got "0s"'],
  ['negative loss', 'objectives: { loss: { records: -1 } }', 'got -1'],
  [
    'an unknown fence',
    'fence: { strategies: [acls] }',
    'fence.strategies[0]: got "acls", expected acl | hook, did you mean "acl"?',
  ],
];

const RETIRED = [
  ['topics.blacklist', 'topics.exclude'],
  ['groups.blacklist', 'groups.exclude'],
  ['config.properties.blacklist', 'config.properties.exclude'],
  ['use.incremental.alter.configs', 'leave it out'],
  ['add.source.alias.to.metrics', 'leave it out'],
  ['enable', 'enabled'],
  ['sync.topics.configs.enabled', 'sync.topic.configs.enabled'],
  ['task.max', 'tasks.max'],
] as const;

describe('rules across fields', () => {
  it.each(BROKEN)('refuse %s', (_, lines, expected) => {
    const errors = errorsOf(`version: 1\n${lines}\n`);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(expected);
    expect(errors[0]).toMatch(/^kmk\.yaml:\d+:\d+: /);
    expect(errors[0]).not.toContain('hunter2');
  });

  it.each(RETIRED)('refuse the retired option %s and name %s', (name, instead) => {
    expect(errorsOf(`version: 1\n${option(name, '"1"')}\n`)).toEqual([
      expect.stringContaining(`retired name "${name}"`),
    ]);
    expect(errorsOf(`version: 1\n${option(name, '"1"')}\n`)[0]).toContain(instead);
  });

  it.each([
    ['Java-only syntax', flow('topics: ["(?i)orders"]'), '"(?i)orders" uses (?i), which only Java can evaluate'],
    ['an unknown option', option('sync.topic.config.enabled', 'true'), 'did you mean "sync.topic.configs.enabled"?'],
    ["MM2's excludes replaced", option('topics.exclude', '"x"'), "replaces MM2's own excludes"],
    ['an untested Kafka', 'kafka: { version: "4.1.0" }', 'Kafka 4.1.0 is not tested'],
    ['dedicated mode', 'replication: { mode: dedicated }', 'failback is refused in dedicated mode: only Connect can'],
    [
      'a step that no move has',
      'hooks: { before-promot: [[x]] }',
      'no move has a step "promot", did you mean "promote"?',
    ],
    ['another one', 'hooks: { after-lunch: [[x]] }', 'no move has a step "lunch", steps are prepare, '],
    ['an alias that is a role', 'clusters: { source: {}, target: {} }', '"source" is also a role'],
    [
      'an active cluster that nothing reads',
      'active: dr\nreplication: { flows: [{ source: primary, target: dr }] }',
      'no flow reads',
    ],
  ])('warn about %s', (_, lines, expected) => {
    expect(read(`version: 1\n${lines}\n`).warnings.join('\n')).toContain(expected);
  });

  it.each([
    ['zookeeper on 3.9', 'kafka: { version: "3.9.2", mode: zookeeper, distribution: confluent }'],
    [
      'both ways under default',
      'replication: { flows: [{ source: primary, target: dr }, { source: dr, target: primary }] }',
    ],
    [
      'writes on a standby that is copied back',
      'standby: { writes: allowed }\nreplication: { flows: [{ source: primary, target: dr }, { source: dr, target: primary }] }',
    ],
    [
      'identity into one',
      'clusters: { a: {}, b: {}, c: {} }\nreplication: { policy: identity, flows: [{ source: a, target: c }, { source: b, target: c }] }',
    ],
    ['an internal topic of 3.9 on 4.x', flow('topics: [orders.internal]')],
    [
      'checkpoints and group sync off',
      flow('config: { emit.checkpoints.enabled: false, sync.group.offsets.enabled: false }'),
    ],
    [
      'as many replicas as brokers',
      `clusters: { primary: {}, dr: { brokers: 2 } }\n${option('replication.factor', '2')}`,
    ],
    ['replicas up to the brokers', option('replication.factor', '-1')],
    ['references in options', option('sasl.jaas.config', '\'x required password="${env:PW}";\'')],
    [
      'options of clients and plug-ins',
      flow('config: { producer.override.linger.ms: 5, transforms: a, transforms.a.type: x }'),
    ],
    ['derived ports that clash', 'clusters: { a: { brokers: 2, port: 9092 }, b: { port: 9102 } }'],
    ['the UI port while the UI is off', 'clusters: { a: { port: 8080 }, b: {} }\nui: { enabled: false, port: 8080 }'],
    ['an IPv6 address', 'clusters: { a: { bootstrap: ["[::1]:9092"] }, b: {} }'],
    [
      'a secret in a file',
      security(
        '{ protocol: SASL_SSL, sasl: { mechanism: PLAIN, username: u, password: "${file:/run/x.properties:k}" } }',
      ),
    ],
  ])('take %s', (_, lines) => {
    expect(read(`version: 1\n${lines}\n`).warnings).toEqual([]);
  });
});
