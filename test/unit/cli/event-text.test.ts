import { describe, expect, it } from 'vitest';
import { eventText } from '../../../src/cli/event-text.ts';
import { humanDuration } from '../../../src/cli/human-duration.ts';

describe('eventText', () => {
  it('puts names and numbers into words', () => {
    expect(eventText('active.changed', { from: 'primary', to: 'dr', epoch: 2 })).toBe(
      '"dr" is active now (was "primary", epoch 2)',
    );
    expect(eventText('step.progress', { id: 'a', text: 'copied', done: 3, total: 9 })).toBe('copied 3/9');
    expect(eventText('check.evaluated', { id: 'counts', verdict: 'fail', message: '2 lost' })).toBe(
      'check counts: fail, 2 lost',
    );
    expect(eventText('result.recorded', { schema: 'kmk.x/v1', document: {} })).toBeNull();
  });
});

describe('humanDuration', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [999.6, '1.0s'],
    [12_345, '12.3s'],
    [59_960, '1m00s'],
    [245_000, '4m05s'],
    [7_380_000, '2h03m'],
  ])('%d ms is %s', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });
});
