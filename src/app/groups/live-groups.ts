import { KmkError } from '../../domain/errors.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { mapLimited } from '../map-limited.ts';

const PARALLEL_GROUPS = 8;

/** Throws KMK_GROUP_ACTIVE when one of the groups has live members on that cluster. */
export async function refuseLiveGroups(
  lab: Lab,
  alias: string,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const admin = await adminOf(lab, alias);
  const described = await mapLimited(groups, PARALLEL_GROUPS, (group) => admin.describeGroup(group, signal));
  const live = described.find(({ members }) => members.length > 0);
  if (live === undefined) return;
  throw new KmkError(
    'KMK_GROUP_ACTIVE',
    `consumer group "${live.group}" has ${live.members.length} live members on "${alias}"`,
    {
      hints: ['Stop its consumers there: their positions are about to be written. Then run the command again.'],
      context: { group: live.group, cluster: alias, members: live.members.length },
    },
  );
}
