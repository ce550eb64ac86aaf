import { KmkError } from '../errors.ts';
import type { Setup } from '../setup.ts';
import { isLabCluster } from './ports.ts';

/** Why a docker-compose.yml cannot be rendered for this setup; null where it can. */
export function composeObstacle(setup: Setup): KmkError | null {
  const { distribution, mode } = setup.kafka;
  if (!setup.clusters.some(isLabCluster)) {
    return new KmkError(
      'KMK_CONFIG_INVALID',
      'docker-compose needs a cluster that kmk starts: all clusters exist already',
      {
        hints: ['Render what runs on your own Connect cluster with `kmk render connect`.'],
      },
    );
  }
  if (distribution !== 'apache') return unsupported('kafka.distribution', distribution, 'apache');
  if (mode !== 'kraft') return unsupported('kafka.mode', mode, 'kraft');
  return null;
}

function unsupported(key: string, value: string, known: string): KmkError {
  return new KmkError('KMK_CONFIG_INVALID', `${key} "${value}" has no docker-compose rendering`, {
    hints: [`Set \`${key}: ${known}\`, or run the setup with \`runtime: local\`.`],
    context: { key, value },
  });
}
