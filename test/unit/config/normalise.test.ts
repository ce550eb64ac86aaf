import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { configJsonSchemaText, initFile, isPresetName, PRESET_NAMES } from '../../../src/config/index.ts';
import { read } from './expectations.ts';

describe('defaults', () => {
  it('fills in the default lab', () => {
    const { setup, warnings } = read('version: 1\n');
    expect(warnings).toEqual([]);
    expect(setup).toMatchObject({
      name: 'kmk',
      clusters: [
        { kind: 'lab', alias: 'primary', brokers: 1, port: 9092 },
        { kind: 'lab', alias: 'dr', brokers: 1, port: 9093 },
      ],
      replication: { flows: [{ source: 'primary', target: 'dr', topics: ['.*'], groups: ['.*'], config: {} }] },
      active: 'primary',
      ui: { enabled: true, port: 8080 },
      objectives: { lossRecords: 0, recoveryMs: 30_000, redelivered: 1000 },
    });
  });

  it('lets flows follow the active cluster', () => {
    const { setup } = read('version: 1\nclusters: { a: {}, b: {}, c: {} }\nactive: b\n');
    expect(setup.replication.flows.map(({ source, target }) => `${source}->${target}`)).toEqual(['b->a', 'b->c']);
    expect(read('version: 1\nclusters: { x: {}, y: {} }\n').setup.active).toBe('x');
  });

  it('makes room for the ports that are given', () => {
    const { setup } = read('version: 1\nclusters: { a: {}, b: { port: 9092 }, c: {}, d: { port: 8080 } }\n');
    expect(setup.clusters.map((cluster) => cluster.kind === 'lab' && cluster.port)).toEqual([9093, 9092, 9094, 8080]);
    expect(setup.ui.port).toBe(8081);
  });

  it('writes option values as MM2 reads them', () => {
    const config = '{ tasks.max: 4, sync.topic.acls.enabled: false, offset.lag.max: "9" }';
    const { setup } = read(
      `version: 1\nreplication: { flows: [{ source: primary, target: dr, config: ${config} }] }\n`,
    );
    expect(setup.replication.flows[0]?.config).toEqual({
      'tasks.max': '4',
      'sync.topic.acls.enabled': 'false',
      'offset.lag.max': '9',
    });
  });
});

describe('the effective document', () => {
  const clusters = fc
    .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), fc.integer({ min: 1, max: 5 })), {
      selector: ([alias]) => alias,
      minLength: 2,
      maxLength: 5,
    })
    .map((entries) => Object.fromEntries(entries.map(([alias, brokers]) => [alias, { brokers }])));

  it('loads to the same setup, whatever was left out', () => {
    const file = fc.record(
      {
        name: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,20}$/),
        clusters,
        ui: fc.record({ enabled: fc.boolean(), port: fc.integer({ min: 1, max: 65_535 }) }, { requiredKeys: [] }),
        objectives: fc.record(
          { recovery: fc.integer({ min: 1, max: 10 ** 9 }).map((ms) => `${ms}ms`) },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(file, (given) => {
        const first = read(stringify({ version: 1, ...given }));
        expect(read(stringify(first.document)).setup).toEqual(first.setup);
      }),
    );
    for (const preset of PRESET_NAMES) {
      const first = read(initFile(preset));
      expect(read(stringify(first.document)).setup).toEqual(first.setup);
    }
  });
});

describe('kmk init', () => {
  it.each(PRESET_NAMES)('%s loads without a word', (preset) => {
    expect(isPresetName(preset)).toBe(true);
    expect(read(initFile(preset)).warnings).toEqual([]);
    expect(initFile(preset).split('\n', 1)[0]).toBe('# yaml-language-server: $schema=./kmk.schema.json');
  });

  it('knows no other preset', () => {
    expect(isPresetName('constructor')).toBe(false);
    expect(PRESET_NAMES).toEqual(['lab', 'active-passive', 'migration', 'aggregation', 'existing', 'confluent-7.9']);
  });

  it('lab spells out exactly the defaults, every key of them', () => {
    const lab = read(initFile('lab'));
    expect(lab.setup).toEqual(read('version: 1\n').setup);
    expect(lab.effective.filter(({ origin }) => origin !== 'file')).toEqual([]);
    expect(initFile('lab')).toMatch(/^ {2}policy: default {2,}#/m);
  });

  it('presets are what they say', () => {
    const flows = (preset: Parameters<typeof initFile>[0]): readonly string[] =>
      read(initFile(preset)).setup.replication.flows.map(({ source, target }) => `${source}->${target}`);
    expect(flows('aggregation')).toEqual(['east->central', 'west->central']);
    expect(flows('migration')).toEqual(['old->new']);
    expect(read(initFile('migration')).setup.replication.policy).toBe('identity');
    expect(read(initFile('active-passive')).setup.replication.profile).toBe('production');
    expect(read(initFile('existing')).setup.clusters.map(({ kind }) => kind)).toEqual(['existing', 'existing']);
    expect(read(initFile('confluent-7.9')).setup.kafka).toEqual({
      version: '3.9.2',
      distribution: 'confluent',
      mode: 'zookeeper',
    });
  });
});

describe('the JSON Schema', () => {
  it('is the one in docs', async () => {
    await expect(configJsonSchemaText()).toMatchFileSnapshot('../../../docs/kmk.schema.json');
  });
});
