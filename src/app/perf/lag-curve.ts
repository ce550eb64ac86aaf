import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { LogRange } from '../../domain/topic.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

const SAMPLE_MS = 100;

export interface LagSample {
  /** Since sampling began. */
  readonly atMs: number;
  /** Records on the source that are not on the target. */
  readonly lagRecords: number;
  /** Records that have reached the target since sampling began. */
  readonly copied: number;
}

/** Ends of one topic on both sides of a flow, sampled until everything written has crossed. */
export class LagCurve {
  readonly samples: LagSample[] = [];
  readonly #lab: Lab;
  readonly #flow: Flow;
  readonly #topic: string;
  readonly #startedAt: number;
  #base: { readonly source: bigint; readonly target: bigint } = { source: 0n, target: 0n };

  private constructor(lab: Lab, flow: Flow, topic: string) {
    this.#lab = lab;
    this.#flow = flow;
    this.#topic = topic;
    this.#startedAt = lab.tools.clock.now();
  }

  /** Begins where both sides stand now; what an earlier measurement left in flight must have crossed. */
  static async begin(lab: Lab, flow: Flow, topic: string, signal: AbortSignal): Promise<LagCurve> {
    const curve = new LagCurve(lab, flow, topic);
    curve.#base = await curve.#ends(signal);
    return curve;
  }

  /** Samples until `isOver` answers true or the signal aborts; an abort is no error. */
  async sample(isOver: (last: LagSample) => boolean, signal: AbortSignal): Promise<void> {
    const { clock, events } = this.#lab.tools;
    while (!signal.aborted) {
      const ends = await this.#ends(signal);
      const copied = Number(ends.target - this.#base.target);
      const written = Number(ends.source - this.#base.source);
      const atMs = clock.now() - this.#startedAt;
      const last = { atMs, lagRecords: Math.max(0, written - copied), copied };
      this.samples.push(last);
      events.emit('flow.lag.sampled', { flow: flowId(this.#flow), lagRecords: last.lagRecords, lagMs: null });
      if (isOver(last)) return;
      await clock.sleep(SAMPLE_MS, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  async #ends(signal: AbortSignal): Promise<{ readonly source: bigint; readonly target: bigint }> {
    const { source, target } = this.#flow;
    const remote = this.#lab.layout.policy.remoteTopic(source, this.#topic);
    // The target first: what is written in between shows as lag, never as a negative one.
    const there = await (await adminOf(this.#lab, target)).logRanges([remote], signal);
    const here = await (await adminOf(this.#lab, source)).logRanges([this.#topic], signal);
    return { source: endOf(here), target: endOf(there) };
  }
}

function endOf(ranges: readonly LogRange[]): bigint {
  return ranges.reduce((sum, { end }) => sum + end, 0n);
}

/** Records per second that crossed, from the first sample that shows one to the one that shows all; null when none did. */
export function drainRate(samples: readonly LagSample[]): number | null {
  const before = samples.findLast(({ copied }) => copied === 0);
  const most = samples.at(-1)?.copied ?? 0;
  const last = samples.find(({ copied }) => copied === most);
  if (most === 0 || last === undefined) return null;
  const ms = last.atMs - (before?.atMs ?? 0);
  return ms <= 0 ? null : Math.round((most / ms) * 1000);
}
