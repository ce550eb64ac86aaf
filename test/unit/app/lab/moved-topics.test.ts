import { expect, test } from 'vitest';
import { clusterOfTopic, flowBetween, forwardFlows } from '../../../../src/app/lab/lab.ts';
import type { Lab } from '../../../../src/app/lab/lab.ts';
import type { Moved } from '../../../../src/domain/lab/lab-record.ts';
import { fakeLab } from '../../../fakes/lab.ts';

const MOVED: Moved = {
  ...{ from: 'primary', to: 'dr', topics: ['orders'], groups: ['billing'], seeded: [] },
  ...{ watermarks: [], mirrored: [], reverseStart: [] },
};

function labWith(moved: Moved | null): Lab {
  const lab = fakeLab();
  return { ...lab, record: { ...lab.record, moved } };
}

test('clients of a topic go where it has moved to, under both of its names, unless they name a cluster', () => {
  const lab = labWith(MOVED);
  const home = (topic: string, cluster?: string): string => clusterOfTopic(lab, cluster, topic).alias;
  expect(['orders', 'primary.orders', 'rest', 'dr.orders'].map((topic) => home(topic))).toEqual([
    ...['dr', 'dr', 'primary', 'primary'],
  ]);
  expect(['primary', 'active', 'standby'].map((name) => home('orders', name))).toEqual(['primary', 'primary', 'dr']);
  for (const gone of [null, { ...MOVED, returned: true }]) {
    expect(clusterOfTopic(labWith(gone), undefined, 'orders').alias).toBe('primary');
  }
});

test('whoever asks for flows gets them without what has moved, and the way back with nothing else', () => {
  const lab = labWith(MOVED);
  expect(forwardFlows(lab)[0]).toMatchObject({ topicsExclude: ['orders'], groupsExclude: ['billing'] });
  expect(flowBetween(lab, 'primary', 'dr')).toEqual(forwardFlows(lab)[0]);
  expect(flowBetween(lab, 'dr', 'primary')).toMatchObject({ source: 'dr', topics: ['orders'] });
  expect(forwardFlows(labWith(null))).toEqual(lab.record.setup.replication.flows);
});
