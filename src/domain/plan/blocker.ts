import type { ErrorCode } from '../errors.ts';

/** What stands against a move, and what the command answers that is refused for it. */
export interface Blocker {
  /** One lowercase line that names what is in the way. */
  readonly text: string;
  readonly code: ErrorCode;
  /** What to do about it, as sentences. */
  readonly hints: readonly string[];
}

/** A setup that is not in the state that the move starts from. */
export function wrongState(text: string, hint = 'Run `kmk status` to see what is wrong.'): Blocker {
  return { text, code: 'KMK_WRONG_STATE', hints: [hint] };
}

/** Dedicated MM2 has no REST API: its flows can be neither created stopped nor seeded (KIP-980, KIP-875). */
export function dedicatedMode(text: string): Blocker {
  return wrongState(text, 'Set replication.mode to "connect" in kmk.yaml for setups that must fail back.');
}

/** Positions of groups with live members cannot be written; empty where there are none. */
export function liveOn(alias: string, groups: readonly string[]): readonly Blocker[] {
  if (groups.length === 0) return [];
  return [
    {
      text: `groups with live members on "${alias}": ${groups.join(', ')}`,
      code: 'KMK_GROUP_ACTIVE',
      hints: [
        'Stop these consumers on the standby: their positions are about to be written. Then run the command again.',
      ],
    },
  ];
}

/** A source that must not be given up without being asked to. */
export function healthySource(text: string): Blocker {
  return {
    text,
    code: 'KMK_SOURCE_HEALTHY',
    hints: [
      'Use `kmk failover --simulate` to rehearse, or `--force` where the source must be given up although it answers.',
    ],
  };
}
