/** A commit that a watch read on the source itself. */
export interface SeenCommit {
  readonly offset: bigint;
  /** Epoch ms before it was read, by the watch's clock. */
  readonly beganMs: number;
  /** End of the checkpoints topic before it was read. */
  readonly checkpointsEnd: bigint;
  /** It was seen to go back, so lately that MM2 may have committed what it read before. */
  readonly lowered: boolean;
}

/** A commit that a checkpoint of MM2 tells. */
export interface ToldCommit {
  readonly upstreamOffset: bigint;
  /** Where the checkpoint lies in its topic. */
  readonly at: bigint;
  /** Epoch ms before MM2 read the commit, by its worker's clock. */
  readonly timestampMs: number;
}

export interface LastCommit {
  /** null where nothing is known. */
  readonly committed: bigint | null;
  /** The group had come that far, and maybe further. */
  readonly atLeast: boolean;
  /** It is what the watch saw. */
  readonly sampled: boolean;
}

/**
 * What a group had committed last on a source that is gone: a commit that it held when the watch looked last, or since.
 * A checkpoint that lay in its topic before the watch looked is no younger than that look; one that MM2 began to make
 * later is no older. Where neither holds nobody knows, and the lower one counts: what is read twice is not lost. `meant`
 * is a commit of MM2 on the target that no checkpoint tells of (ADR 0021), not used where the watch has seen the group
 * go back.
 */
export function lastCommit(seen: SeenCommit | null, told: ToldCommit | null, meant: bigint | null): LastCommit {
  const base = fromBoth(seen, told);
  if (meant === null || base.committed === null || meant <= base.committed || seen?.lowered === true) return base;
  return { committed: meant, atLeast: true, sampled: false };
}

function fromBoth(seen: SeenCommit | null, told: ToldCommit | null): LastCommit {
  const ofMm2 = { committed: told?.upstreamOffset ?? null, atLeast: false, sampled: false };
  if (seen === null) return ofMm2;
  const ofWatch = { committed: seen.offset, atLeast: false, sampled: true };
  if (told === null || told.at < seen.checkpointsEnd) return ofWatch;
  if (told.timestampMs >= seen.beganMs) return ofMm2;
  return seen.offset < told.upstreamOffset ? ofWatch : ofMm2;
}
