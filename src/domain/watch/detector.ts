import { SILENCE_MS } from '../heartbeat.ts';

/** How another watch sees the same source; `unknown` where it does not answer or watches something else. */
export type WitnessView = 'up' | 'down' | 'unknown';

/** What one look at both sites found. */
export interface Check {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Some broker of the source answered. A slow answer is one. */
  readonly sourceUp: boolean;
  /** It gave no answer at all, where a process that is gone refuses at once: frozen, cut off, or slow. */
  readonly silent: boolean;
  readonly targetUp: boolean;
  /** Age of the newest heartbeat that has crossed from the source; null where none can be read. */
  readonly heartbeatAgeMs: number | null;
  /** When that one was taken, epoch milliseconds; null where none can be read. */
  readonly heartbeatAt: number | null;
  /** Up to this age a heartbeat shows that the source lives, whoever cannot reach it. */
  readonly heartbeatLimitMs: number;
  readonly witnesses: readonly WitnessView[];
}

/** What is remembered from check to check. */
export interface Suspicion {
  /** A source that was never seen up may be switched off on purpose. */
  readonly everUp: boolean;
  /** Failed checks in a row. */
  readonly failed: number;
  /** When the source came back after failed checks, epoch milliseconds; only recent ones. */
  readonly recoveries: readonly number[];
  /** The newest heartbeat of the check before, and the check that saw it first, epoch milliseconds. */
  readonly heartbeatAt: number | null;
  readonly crossedAt: number | null;
  /** One of the failed checks in a row met silence: what follows may fail faster on a connection that was given up. */
  readonly silent: boolean;
}

export type Finding =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'suspect'; readonly failed: number; readonly needed: number }
  | { readonly kind: 'held'; readonly failed: number; readonly needed: number; readonly reason: string }
  | { readonly kind: 'dead'; readonly failed: number; readonly needed: number };

export const UNSUSPECTED: Suspicion = {
  everUp: false,
  failed: 0,
  recoveries: [],
  heartbeatAt: null,
  crossedAt: null,
  silent: false,
};

/** A source that came back this recently flaps: more checks are asked for. */
const FLAPPING_MS = 5 * 60_000;
/** Each recent recovery doubles what is asked for, up to four times as much. */
const MOST_DOUBLINGS = 2;

/**
 * Whether the source is dead, after one more check. Dead means: `checks` failed in a row (more for one that flaps), the
 * standby answers, no heartbeat crosses any more (for longer where the source is silent), and more than half of this watch and its witnesses see it down.
 * Whatever is missing holds the finding back, with the reason.
 */
export function judge(
  before: Suspicion,
  check: Check,
  checks: number,
): { readonly after: Suspicion; readonly finding: Finding } {
  const heartbeats = heartbeatsOf(before, check);
  const recent = before.recoveries.filter((at) => check.at - at < FLAPPING_MS);
  if (check.sourceUp) {
    const recoveries = before.failed > 0 ? [...recent, check.at] : recent;
    return {
      after: { everUp: true, failed: 0, recoveries, ...heartbeats, silent: false },
      finding: { kind: 'healthy' },
    };
  }
  const failed = before.failed + 1;
  const needed = checks * 2 ** Math.min(recent.length, MOST_DOUBLINGS);
  const after = {
    everUp: before.everUp,
    failed,
    recoveries: recent,
    ...heartbeats,
    silent: before.silent || check.silent,
  };
  if (failed < needed) return { after, finding: { kind: 'suspect', failed, needed } };
  const reason = reasonToHold(after, check);
  return {
    after,
    finding: reason === null ? { kind: 'dead', failed, needed } : { kind: 'held', failed, needed, reason },
  };
}

function heartbeatsOf(before: Suspicion, { at, heartbeatAt }: Check): Pick<Suspicion, 'heartbeatAt' | 'crossedAt'> {
  const newer = heartbeatAt !== null && heartbeatAt > (before.heartbeatAt ?? -Infinity);
  return newer ? { heartbeatAt, crossedAt: at } : { heartbeatAt: before.heartbeatAt, crossedAt: before.crossedAt };
}

function reasonToHold({ everUp, crossedAt, silent }: Suspicion, check: Check): string | null {
  if (!everUp) return 'the source was down before this watch began';
  if (!check.targetUp) return 'the standby does not answer either: this watch may be the one that is cut off';
  if (check.heartbeatAgeMs !== null && check.heartbeatAgeMs <= check.heartbeatLimitMs) {
    return 'heartbeats of the source still cross: it lives, this watch cannot reach it';
  }
  if (silent && crossedAt !== null && check.at - crossedAt < SILENCE_MS) {
    return `no answer, but a heartbeat crossed within the last ${SILENCE_MS / 1000} s: the source may be slow, not gone`;
  }
  const voters = check.witnesses.length + 1;
  const down = check.witnesses.filter((view) => view === 'down').length + 1;
  return down * 2 > voters ? null : `only ${down} of ${voters} watches see the source down`;
}
