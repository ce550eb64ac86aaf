import type { GroupOffsets } from '../../../../src/domain/documents.ts';
import type { MoveSnapshot } from '../../../../src/domain/plan/snapshot.ts';

/** A healthy pair of clusters, primary active, as a look at both would have found it. */
export function snapshotOf(change: Partial<MoveSnapshot> = {}): MoveSnapshot {
  return {
    schema: 'kmk.snapshot/v1',
    knowledgeAgeMs: 0,
    project: 'kmk',
    takenAt: '2026-01-02T03:04:05.000Z',
    policy: 'default',
    mode: 'connect',
    active: 'primary',
    epoch: 1,
    promotion: null,
    from: 'primary',
    to: 'dr',
    clusters: ['primary', 'dr'].map((alias) => ({ alias, clusterId: `id-of-${alias}` })),
    flows: [{ flow: 'primary->dr', state: 'running', lagRecords: 0 }],
    groups: [],
    topics: [],
    ...change,
  };
}

export function groupAt(group: string, state = 'Empty'): GroupOffsets {
  return { group, type: 'classic', state, partitions: [] };
}
