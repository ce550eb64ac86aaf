import { groupFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import type { SampledSyncs } from '../../domain/watch/sampled-syncs.ts';
import { withSyncs } from '../../domain/watch/sampled-syncs.ts';
import type { Samples } from '../../domain/watch/samples.ts';
import { countPositions, isOf, withRound, youngestMs } from '../../domain/watch/samples.ts';
import type { Sampling } from '../../domain/watch/document.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { syncWindowMs } from '../offsets/newer-commits.ts';
import { readSyncsFrom, syncsPlace } from '../offsets/mm2-records.ts';
import { readSampledSyncs, readSamples, samplesOf, saveSampledSyncs, saveSamples } from '../offsets/sample-files.ts';
import { copiedUserTopics } from '../replicate/source-topics.ts';

/** One request each: of more groups a part is asked for in each round, in turn. */
const GROUPS_PER_ROUND = 64;
const PARALLEL_GROUPS = 8;
/** A long history is caught up with in several rounds. */
const SYNCS_PER_ROUND = 50_000n;
/** At least so long a group that went back is not put where MM2 commits it. */
const LOWERED_MS = 60_000;
/** A source that answers more slowly is in trouble: the next round tries again. */
const ROUND_LIMIT_MS = 3000;

/**
 * Keeps what a failover will want to know of a source that is gone: the groups' commits, the ends of its logs. One round
 * at a time, beside the checks, which never wait for it.
 */
export class Sampler {
  #samples: Samples | null = null;
  #syncs: SampledSyncs | null = null;
  #next = 0;
  #running = false;
  #lastMs = 0;

  /** Begins a round unless one is under way. What fails is left to the next one. */
  begin(lab: Lab, flow: Flow, ends: readonly Omit<LogRange, 'start'>[] | null, signal: AbortSignal): void {
    if (this.#running) return;
    this.#running = true;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ROUND_LIMIT_MS)]);
    const { clock } = lab.tools;
    const startedAt = clock.now();
    void this.#round(lab, flow, ends, limit)
      .then(() => {
        this.#lastMs = clock.now() - startedAt;
      })
      .catch(() => undefined)
      .finally(() => {
        this.#running = false;
      });
  }

  /** What is kept; null before the first round. */
  summary(nowMs: number): Sampling | null {
    if (this.#samples === null) return null;
    const youngest = youngestMs(this.#samples);
    return {
      groups: Object.keys(this.#samples.groups).length,
      positions: countPositions(this.#samples),
      ageMs: youngest === null ? null : Math.max(0, nowMs - youngest),
      roundMs: this.#lastMs,
    };
  }

  async #round(
    lab: Lab,
    flow: Flow,
    ends: readonly Omit<LogRange, 'start'>[] | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = lab.tools;
    const atMs = clock.now();
    const [source, target] = await Promise.all([adminOf(lab, flow.source), adminOf(lab, flow.target)]);
    const before = this.#samples?.flow === flowId(flow) ? this.#samples : await readSamples(lab, flow);
    const [checkpoints, listed] = await Promise.all([
      target.logRanges([lab.layout.policy.checkpointsTopic(flow.source)], signal),
      source.listGroups(signal),
    ]);
    const existing = listed
      .map(({ group }) => group)
      .filter(groupFilter(flow))
      .toSorted();
    const asked = await mapLimited(this.#turn(existing), PARALLEL_GROUPS, async (group) => {
      const beganMs = clock.now();
      // One group's coordinator may be away: the others count all the same.
      const commits = await source.groupOffsets(group, signal).catch(() => null);
      return commits === null ? null : { group, beganMs, commits };
    });
    const groups = asked.filter((one) => one !== null);
    const topicIds = await source.topicIds(await copiedUserTopics(lab, flow, signal), signal);
    const samples = withRound(before, {
      of: samplesOf(lab, flow),
      ...{ topicIds, groups, existing },
      loweredMs: Math.max(LOWERED_MS, syncWindowMs(lab, flow)),
      checkpointsEnd: checkpoints.find(({ partition }) => partition === 0)?.end ?? 0n,
      ends: ends === null ? null : { atMs, ranges: ends },
    });
    await saveSamples(lab, flow, samples);
    this.#samples = samples;
    if (syncsPlace(lab, flow).alias === flow.source) await this.#readSyncs(lab, flow, signal);
  }

  /** Reads on where the last round ended: with the source the topic is gone. On the target it can be read later. */
  async #readSyncs(lab: Lab, flow: Flow, signal: AbortSignal): Promise<void> {
    const of = samplesOf(lab, flow);
    const kept = this.#syncs !== null && isOf(this.#syncs, of) ? this.#syncs : await readSampledSyncs(lab, flow);
    const from = BigInt(kept?.next ?? 0);
    const read = await readSyncsFrom(lab, flow, { from, most: SYNCS_PER_ROUND }, signal);
    this.#syncs = kept;
    if (kept !== null && read.next === from) return;
    const syncs = withSyncs(read.next < from ? null : kept, of, read);
    await saveSampledSyncs(lab, flow, syncs);
    this.#syncs = syncs;
  }

  #turn(existing: readonly string[]): readonly string[] {
    if (existing.length <= GROUPS_PER_ROUND) return existing;
    const from = this.#next % existing.length;
    this.#next = from + GROUPS_PER_ROUND;
    return [...existing, ...existing].slice(from, from + GROUPS_PER_ROUND);
  }
}
