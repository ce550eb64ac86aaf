import { KmkError } from '../errors.ts';
import type { Setup } from '../setup.ts';
import { isLabCluster } from './ports.ts';

/** Why a docker-compose.yml cannot be rendered for this setup; null where it can. */
export function composeObstacle(setup: Setup): KmkError | null {
  if (!setup.clusters.some(isLabCluster)) {
    return new KmkError(
      'KMK_CONFIG_INVALID',
      'docker-compose needs a cluster that kmk starts: all clusters exist already',
      {
        hints: ['Render what runs on your own Connect cluster with `kmk render connect`.'],
      },
    );
  }
  return null;
}
