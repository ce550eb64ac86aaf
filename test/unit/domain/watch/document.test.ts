import { describe, expect, it } from 'vitest';
import type { WatchDocument } from '../../../../src/domain/watch/document.ts';
import { unreadiness, viewOf } from '../../../../src/domain/watch/document.ts';
import { watchDocument } from '../../../fakes/watch-document.ts';

const now = Date.parse(watchDocument().at);
const clusters = (change: Partial<WatchDocument['clusters'][number]>): WatchDocument['clusters'] =>
  watchDocument().clusters.map((cluster) => ({ ...cluster, ...change }));

describe('unreadiness', () => {
  it('is nothing while the standby could take over, also from a source that is down', () => {
    expect(unreadiness(watchDocument())).toBeNull();
    const [source, target] = watchDocument().clusters;
    expect(unreadiness(watchDocument({ state: 'suspect', clusters: [{ ...source!, up: false }, target!] }))).toBeNull();
  });

  it('says what stands in the way', () => {
    expect(unreadiness(watchDocument({ clusters: clusters({ up: false }) }))).toBe('"dr" does not answer');
    expect(unreadiness(watchDocument({ state: 'failed-over', active: 'dr' }))).toContain('"dr" was promoted');
    const flow = { ...watchDocument().flow, heartbeatAgeMs: null };
    expect(unreadiness(watchDocument({ flow }))).toBe('no heartbeat has crossed yet');
  });
});

describe('viewOf', () => {
  it('tells up from down of the very cluster, by its id', () => {
    expect(viewOf(watchDocument(), { clusterId: 'id-primary', at: now })).toBe('up');
    expect(viewOf(watchDocument({ clusters: clusters({ up: false }) }), { clusterId: 'id-primary', at: now })).toBe(
      'down',
    );
  });

  it('counts for nothing about another cluster, an unknown one, or long ago', () => {
    expect(viewOf(watchDocument(), { clusterId: 'other', at: now })).toBe('unknown');
    expect(viewOf(watchDocument({ clusters: clusters({ clusterId: null }) }), { clusterId: null, at: now })).toBe(
      'unknown',
    );
    expect(viewOf(watchDocument(), { clusterId: 'id-primary', at: now + 10_000 })).toBe('unknown');
  });
});
