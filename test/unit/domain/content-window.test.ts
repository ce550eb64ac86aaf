import { describe, expect, it } from 'vitest';
import { ContentWindow } from '../../../src/domain/content-window.ts';
import { translateBack } from '../../../src/domain/exact-translation.ts';
import { judgeBack } from '../../../src/domain/position-verdict.ts';
import { Syncs } from '../../../src/domain/sync-history.ts';

const FROM = { upstream: 0n, downstream: 0n, generation: 'a' };
const END = 4n;

/** Four copies of which the last matches nothing on the source any more. */
function lastMatchesNothing(): ContentWindow {
  const window = new ContentWindow({ from: FROM, to: null, sourceFrom: 0n }, END);
  for (const at of [0, 1, 2]) window.addSource(BigInt(at), at);
  for (const at of [0, 1, 2, 99]) window.addRemote(BigInt(at), at);
  return window;
}

describe('a position back to the original', () => {
  it('has no bound where the only copy above it matches nothing', () => {
    const found = lastMatchesNothing().inverse(3n);
    expect(found.bound).toBeNull();
    const evidence = { remoteEnd: END, sourceReachable: true, windows: [lastMatchesNothing()] };
    const { answer } = translateBack(new Syncs([FROM]), 3n, evidence);
    expect(answer).toMatchObject({ bound: null, proof: 'conservative', exact: false });
    const at = { topic: 't', remoteTopic: 'primary.t', partition: 0, position: 3n, sourceStart: 0n, voidBecause: null };
    expect(judgeBack({ ...at, answer, sourceCommitted: null })).toMatchObject({
      ...{ direction: 'inverse', exact: null, bound: null, verdict: 'behind' },
    });
    // Not "ahead": nothing says how far the exact one may lie.
    expect(judgeBack({ ...at, answer, sourceCommitted: 1000n })).toMatchObject({ verdict: 'untranslatable' });
  });
});
