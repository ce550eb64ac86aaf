import { fenceCluster, openCluster } from './fence.ts';
import { readEnds } from './disaster.ts';
import type { MoveContext, MoveStep } from './move-context.ts';
import { evaluate, findings, isTaken } from './move-context.ts';

/** Clients wait for the other side meanwhile: a source that takes longer is given up as it is. */
const FENCE_LIMIT_MS = 10_000;

/**
 * Fences a source that answers and is given up all the same: clients must not write on both sides. Its log ends are read
 * behind the fence, so that what is lost is counted and not guessed. Where it takes no fence the failover goes on and
 * says so: there was a reason to give it up.
 */
export const giveUpSource: MoveStep = {
  apply: async ({ lab, forward, move }, signal) => {
    const { source } = forward;
    const cutAt = lab.tools.clock.now();
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FENCE_LIMIT_MS)]);
    try {
      await fenceCluster(lab, source, limit);
      evaluate(move, 'source.fenced', 'pass', `"${source}" refuses client writes`);
      const ends = await readEnds(lab, forward, limit).catch(() => null);
      if (signal.aborted) throw signal.reason;
      return findings({ cutAt, sourceEnds: ends === null ? null : endTexts(ends) });
    } catch (error) {
      if (signal.aborted || isTaken(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      const text = `"${source}" took no fence (${why}): clients that reach it write on both sides, stop them`;
      evaluate(move, 'source.fenced', 'inconclusive', text);
      lab.tools.events.emit('warning', { text });
      return findings({ cutAt });
    }
  },
  undo: reopen,
  // Clients go on where they were. A source that took no fence may not answer now either.
  release: async (context, signal) => {
    await reopen(context, AbortSignal.any([signal, AbortSignal.timeout(FENCE_LIMIT_MS)])).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      const text = `the fence of "${context.forward.source}" could not be looked after (${why}): run \`kmk resume --rollback\` once it answers`;
      context.lab.tools.events.emit('warning', { text });
    });
  },
};

/** Log ends as the journal keeps them. */
export function endTexts(ends: ReadonlyMap<string, bigint>): Readonly<Record<string, string>> {
  return Object.fromEntries([...ends].map(([key, end]) => [key, end.toString()]));
}

async function reopen({ lab, forward }: MoveContext, signal: AbortSignal): Promise<void> {
  const record = await lab.tools.store.loadLab();
  if (record?.active === forward.source) await openCluster(lab, forward.source, signal);
}
