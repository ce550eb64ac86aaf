import { describe, expect, it } from 'vitest';
import { ReadWindow } from '../../../../src/app/consume/read-window.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

const never = new AbortController().signal;

describe('a read window', () => {
  it('closes with the last record wanted, and not before', () => {
    const window = new ReadWindow(new ManualClock(), 2);
    window.counted();
    expect(window.signal.aborted).toBe(false);
    window.counted();
    expect({ end: window.end, aborted: window.signal.aborted }).toEqual({ end: 'enough', aborted: true });
    window.close('timeout');
    expect(window.end).toBe('enough');
  });

  it('gives all records together the time where their number is known', async () => {
    const clock = new ManualClock();
    const window = new ReadWindow(clock, 5);
    clock.advance(900);
    window.counted();
    await window.watch(1000, never);
    expect(window.end).toBe('timeout');
    expect(clock.slept).toEqual([1000]);
  });

  it('gives the next record the time where it is not', async () => {
    const clock = new ManualClock();
    const window = new ReadWindow(clock, null);
    clock.advance(900);
    await window.watch(1000, never);
    expect(clock.slept).toEqual([100]);
  });

  it('stops watching when the caller aborts, without an end of its own', async () => {
    const stop = new AbortController();
    stop.abort();
    const window = new ReadWindow(new ManualClock(), 5);
    await window.watch(1000, stop.signal);
    expect(window.end).toBeNull();
  });
});
