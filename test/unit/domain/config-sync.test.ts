import { describe, expect, it } from 'vitest';
import { syncedConfig } from '../../../src/domain/config-sync.ts';
import type { Flow } from '../../../src/domain/setup.ts';

const flow = { source: 'primary', target: 'dr', topics: ['.*'], topicsExclude: [], groups: ['.*'], groupsExclude: [] };
const of = (config: Flow['config'], overrides: Record<string, string>) => syncedConfig({ ...flow, config }, overrides);

describe('syncedConfig', () => {
  it('leaves out what MM2 does not copy by itself', () => {
    const overrides = { 'retention.ms': '1', 'min.insync.replicas': '2', 'message.timestamp.type': 'LogAppendTime' };
    expect(of({}, overrides)).toEqual({ 'retention.ms': '1' });
  });

  it("takes the flow's own list instead", () => {
    const config = { 'config.properties.exclude': 'retention\\..*, x' };
    expect(of(config, { 'retention.ms': '1', 'min.insync.replicas': '2' })).toEqual({ 'min.insync.replicas': '2' });
  });
});
