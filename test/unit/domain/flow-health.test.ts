import { describe, expect, it } from 'vitest';
import type { ConnectorStatus } from '../../../src/domain/documents.ts';
import { notRunning } from '../../../src/domain/flow-health.ts';

const RUNNING = { id: 0, state: 'RUNNING', error: null };

function flow(change: Partial<Record<ConnectorStatus['type'], Partial<ConnectorStatus> | null>> = {}) {
  return (['source', 'checkpoint', 'heartbeat'] as const).flatMap((type): readonly ConnectorStatus[] => {
    const changed = change[type];
    return changed === null ? [] : [{ name: `a->b.${type}`, type, state: 'RUNNING', tasks: [RUNNING], ...changed }];
  });
}

describe('notRunning', () => {
  it('is nothing where all three connectors run, a checkpoint connector also without a task', () => {
    expect(notRunning(flow())).toBeNull();
    expect(notRunning(flow({ checkpoint: { tasks: [] } }))).toBeNull();
  });

  it('names a task that does not run where its connector does', () => {
    const tasks = [RUNNING, { id: 1, state: 'FAILED', error: 'out of memory' }];
    expect(notRunning(flow({ source: { tasks } }))).toBe('task 1 of a->b.source is FAILED');
  });

  it('names connectors that are stopped, have nothing that copies, or are not there', () => {
    const stopped = { state: 'STOPPED', tasks: [] };
    expect(notRunning(flow({ source: stopped, heartbeat: { tasks: [] } }))).toBe(
      'a->b.source is STOPPED, a->b.heartbeat has no task',
    );
    expect(notRunning(flow({ checkpoint: null }))).toBe('no checkpoint connector');
    expect(notRunning([])).toContain('no source connector');
  });
});
