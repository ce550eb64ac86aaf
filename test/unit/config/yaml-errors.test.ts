import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../../src/config/yaml-document.ts';
import { errorsOf, read, refusal } from './expectations.ts';

describe('texts that are no config', () => {
  it.each([
    ['an empty file', '', 'kmk.yaml:1:1: the file is empty'],
    ['only a comment', '# nothing\n', 'the file is empty'],
    ['a list', '- a\n', 'kmk.yaml:1:1: got a list, expected a mapping with version,'],
    ['a number', '5', 'kmk.yaml:1:1: got 5, expected a mapping'],
    ['an open list', 'version: 1\nname: [', 'kmk.yaml:2:'],
    ['an open quote', 'version: 1\nname: "x', 'is not YAML: missing closing "quote'],
    ['a tab', 'version: 1\nkafka:\n\tmode: kraft\n', 'kmk.yaml:3:1: is not YAML: tabs are not allowed as indentation'],
    ['a duplicate key', 'version: 1\nname: a\nname: b\n', 'kmk.yaml:3:1: the key "name" is given twice'],
    ['two documents', 'version: 1\n---\nversion: 1\n', 'more than one document'],
    ['an unknown alias', 'version: 1\nname: *x\n', 'unresolved alias'],
    ['an unknown tag', 'version: 1\nname: !x y\n', 'unresolved tag'],
    ['no version', 'name: a\n', 'version: is missing, expected 1'],
    ['another version', 'version: 2\n', 'kmk.yaml:1:10: version: got 2, expected 1'],
    [
      'an unquoted Kafka version',
      'version: 1\nkafka: { version: 4.3 }\n',
      'kafka.version: got 4.3, expected a version',
    ],
    ['a key without a value', 'version: 1\nkafka:\nname: a\n', 'kmk.yaml:2:1: kafka: got nothing, expected a mapping'],
    [
      'a poisonous key',
      'version: 1\nclusters: { __proto__: {}, b: {}, c: {} }\n',
      'the key "__proto__" is not allowed',
    ],
    ['nesting without end', `version: ${'['.repeat(20_000)}`, 'is not YAML'],
  ])('%s', (_, text, expected) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: 'KMK_CONFIG_INVALID', kind: 'config' });
    const lines = errorsOf(text);
    expect(lines.join('\n')).toContain(expected);
    for (const line of lines) expect(line).not.toContain('\n');
  });

  it('refuses aliases that grow without end', () => {
    const text = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      'b: &b [*a,*a,*a,*a,*a,*a,*a,*a]',
      'c: &c [*b,*b,*b,*b,*b,*b,*b,*b]',
      'd: [*c,*c,*c,*c]',
    ];
    expect(errorsOf(text.join('\n'))).toEqual([expect.stringContaining('excessive alias count')]);
  });

  it('says everything at once, in the order of the file', () => {
    const text = [
      'version: 1',
      'name: Bad',
      'name: worse one',
      'runtim: local',
      'ui: { port: 0 }',
      'replication:',
      '  flows:',
      '    - { source: primary, target: drr, topics: ["a,b", 5, "(", ok], config: { task.max: 3 } }',
    ].join('\n');
    const lines = errorsOf(text);
    expect(lines.map((line) => /^kmk\.yaml:(\d+):/.exec(line)?.[1])).toEqual([
      '3',
      '3',
      '4',
      '5',
      '8',
      '8',
      '8',
      '8',
      '8',
    ]);
    expect(lines.join('\n')).toMatch(
      /given twice[^]*worse one[^]*"runtime"[^]*got 0[^]*"drr"[^]*"a,b"[^]*got 5[^]*"\("[^]*task\.max/,
    );
    expect(refusal(text).message).toBe('9 errors in kmk.yaml');
  });

  it('leaves out what only follows from another error', () => {
    expect(errorsOf('version: 1\nclusters: { a: {}, b: 5 }\nactive: b\n')).toHaveLength(1);
    expect(errorsOf('version: 1\nclusters: 7\nreplication: { flows: [{ source: x, target: y }] }\n')).toHaveLength(1);
  });

  it('takes a byte order mark, CRLF and anchors', () => {
    expect(read('\ufeffversion: 1\r\nname: x\r\n').setup.name).toBe('x');
    const text = 'version: 1\nclusters: { a: &c { brokers: 3 }, b: *c }\n';
    expect(read(text).setup.clusters.map((cluster) => cluster.kind === 'lab' && cluster.brokers)).toEqual([3, 3]);
  });
});

describe('positions', () => {
  const yaml = parseYaml('a: 1\nb:\n  - x: [1, 2]\n  - y: z\nempty:\nnot.plain: 3\n', 'f');

  it.each([
    [['a'], 'value', 1, 4],
    [['a'], 'key', 1, 1],
    [['b', 0, 'x', 1], 'value', 3, 12],
    [['b', 1, 'y'], 'key', 4, 5],
    [['b', 1, 'absent'], 'value', 4, 5],
    [['empty'], 'value', 5, 1],
    [['not.plain'], 'value', 6, 12],
    [['nowhere'], 'value', 1, 1],
  ] as const)('%j as %s is at %d:%d', (path, of, line, column) => {
    expect(yaml.locate(path, of)).toEqual({ kind: 'file', name: 'f', line, column });
  });
});
