import { groupFilter } from '../../domain/flow-filter.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

const PARALLEL_GROUPS = 8;
/**
 * A broker that comes back believes in the members its log names until their sessions run out: 45 s by default in Java
 * clients, counted from the moment it has read that log.
 */
const SESSIONS_LIMIT_MS = 60_000;

/**
 * Waits until no group that is to be positioned on the returning cluster has members there. Throws KMK_GROUP_ACTIVE
 * for one whose members stay: they are alive.
 */
export async function awaitIdleGroups(lab: Lab, forward: Flow, signal: AbortSignal): Promise<void> {
  const [leaving, returning] = [await adminOf(lab, forward.target), await adminOf(lab, forward.source)];
  const groups = (await leaving.listGroups(signal)).map(({ group }) => group).filter(groupFilter(forward));
  let live: readonly string[] = [];
  try {
    await waitUntil(
      lab.tools.clock,
      {
        what: `the groups' old members on "${forward.source}" to time out`,
        timeoutMs: SESSIONS_LIMIT_MS,
        intervalMs: 250,
        probe: async () => {
          const described = await mapLimited(groups, PARALLEL_GROUPS, (group) =>
            returning.describeGroup(group, signal),
          );
          live = described.filter(({ members }) => members.length > 0).map(({ group }) => group);
          return live.length === 0 ? done(undefined) : pending(live.slice(0, 5).join(', '));
        },
      },
      signal,
    );
  } catch (error) {
    const [group] = live;
    if (group === undefined || !KmkError.is(error) || error.code !== 'KMK_WAIT_TIMEOUT') throw error;
    throw new KmkError('KMK_GROUP_ACTIVE', `consumer group "${group}" has live members on "${forward.source}"`, {
      hints: ['Stop its consumers there: their positions are about to be written. Then run the command again.'],
      context: { group, cluster: forward.source, groups: live.length },
      cause: error,
    });
  }
}
