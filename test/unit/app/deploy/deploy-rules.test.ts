import { describe, expect, it } from 'vitest';
import { flow, labCluster, labSetup, replication } from '../../../../scripts/examples.ts';
import {
  refuseOtherLab,
  refuseOwnFilters,
  refusePromoted,
  refuseUndeployable,
} from '../../../../src/app/deploy/deploy-rules.ts';
import type { Setup } from '../../../../src/domain/setup.ts';
import { labRecord } from '../../../fakes/lab.ts';

describe('refuseUndeployable', () => {
  it('takes a lab', () => expect(() => refuseUndeployable(labSetup(), 'local')).not.toThrow());

  it.each([
    ['ZooKeeper', 'local', { version: '3.9.2', distribution: 'apache', mode: 'zookeeper' }],
    ['ZooKeeper', 'docker', { version: '3.9.2', distribution: 'apache', mode: 'zookeeper' }],
    ['Confluent', 'docker', { version: '3.9.2', distribution: 'confluent', mode: 'zookeeper' }],
    ['Confluent without ZooKeeper', 'docker', { version: '3.9.2', distribution: 'confluent', mode: 'kraft' }],
  ] as const)('takes %s on the %s runtime', (_what, runtime, kafka) => {
    expect(() => refuseUndeployable(labSetup({ kafka }), runtime)).not.toThrow();
  });

  it.each([
    ['cluster "east"', { clusters: [labCluster('primary', 1), existing('east')] }],
    ['kafka.distribution "confluent"', { kafka: { version: '4.3.1', distribution: 'confluent', mode: 'kraft' } }],
  ] as const)('refuses %s', (what, overrides) => {
    expect(() => refuseUndeployable(labSetup(overrides), 'local')).toThrow(
      expect.objectContaining({ code: 'KMK_ENV_RUNTIME', message: expect.stringContaining(what) as string }),
    );
  });
});

describe('refuseOtherLab', () => {
  const record = labRecord();
  const wrongState = expect.objectContaining({ code: 'KMK_WRONG_STATE' }) as Error;

  it.each<[string, Partial<Setup>]>([
    ['nothing', {}],
    ['flows', { replication: replication({ flows: [flow('primary', 'dr', { topics: ['orders'] })] }) }],
    ['the profile', { replication: replication({ profile: 'production' }) }],
    ['objectives', { objectives: { lossRecords: 5, recoveryMs: 1, redelivered: 2 } }],
  ])('takes a change of %s', (_what, overrides) => {
    expect(() => refuseOtherLab(record, labSetup(overrides), 'local')).not.toThrow();
  });

  it.each<[string, Partial<Setup>]>([
    ['clusters', { clusters: [labCluster('primary', 9092, 3), labCluster('dr', 9093)] }],
    ['the policy', { replication: replication({ policy: 'identity' }) }],
    ['the separator', { replication: replication({ separator: '_' }) }],
    ['names of internal topics', { replication: replication({ internalSeparator: false }) }],
    ['the mode', { replication: replication({ mode: 'dedicated' }) }],
    ['the version', { kafka: { version: '3.9.2', distribution: 'apache', mode: 'kraft' } }],
  ])('refuses a change of %s, unless the first deploy was never complete', (_what, overrides) => {
    expect(() => refuseOtherLab(record, labSetup(overrides), 'local')).toThrow(wrongState);
    expect(() => refuseOtherLab({ ...record, complete: false }, labSetup(overrides), 'local')).not.toThrow();
  });

  it('refuses a flow to a cluster that has no port for a worker', () => {
    const clusters = [labCluster('primary', 9092), labCluster('dr', 9093), labCluster('west', 9094)];
    const before = labRecord({ setup: labSetup({ clusters }) });
    const flows = [flow('primary', 'dr'), flow('primary', 'west')];
    expect(() => refuseOtherLab(before, labSetup({ clusters, replication: replication({ flows }) }), 'local')).toThrow(
      wrongState,
    );
  });

  it('refuses another project', () => {
    expect(() => refuseOtherLab(record, labSetup({ name: 'other' }), 'local')).toThrow(
      expect.objectContaining({
        code: 'KMK_FOREIGN_PROJECT',
        hints: [expect.stringContaining('`kmk destroy -p kmk`')],
      }),
    );
  });
});

describe('refusePromoted', () => {
  it('lets nothing but a failback start the old primary', () => {
    const promotion = { from: 'primary', to: 'dr', at: '', runId: 'r', watermarks: [], mirrored: [], seeded: false };
    expect(() => refusePromoted(labRecord())).not.toThrow();
    expect(() => refusePromoted(labRecord({ promotion }))).toThrow(
      expect.objectContaining({
        code: 'KMK_WRONG_STATE',
        message: expect.stringContaining('"dr" was promoted') as string,
      }),
    );
  });
});

describe('refuseOwnFilters', () => {
  const setup = labSetup({
    replication: replication({ flows: [flow('primary', 'dr', { config: { 'topics.exclude': 'x' } })] }),
  });
  const marks = { watermarks: [], mirrored: [], reverseStart: [], seeded: [] };
  const moved = { from: 'primary', to: 'dr', topics: ['orders'], groups: [], ...marks };

  it('keeps what has moved out of the flow that it left, until it is back', () => {
    expect(() => refuseOwnFilters(labRecord({ moved }), setup)).toThrow(
      expect.objectContaining({
        code: 'KMK_WRONG_STATE',
        message: '"topics.exclude" in the config of the flow primary->dr would let it copy what has moved: orders',
      }),
    );
    expect(() => refuseOwnFilters(labRecord({ moved }), labSetup())).not.toThrow();
    expect(() => refuseOwnFilters(labRecord({ moved: { ...moved, returned: true } }), setup)).not.toThrow();
    expect(() => refuseOwnFilters(labRecord(), setup)).not.toThrow();
  });
});

function existing(alias: string) {
  return { kind: 'existing', alias, bootstrap: ['e:9092'], security: { protocol: 'PLAINTEXT' } } as const;
}
