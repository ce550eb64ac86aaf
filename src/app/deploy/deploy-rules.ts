import { KmkError } from '../../domain/errors.ts';
import { ownFilters } from '../../domain/flow-filter.ts';
import { composeObstacle } from '../../domain/lab/compose-support.ts';
import type { LabRecord } from '../../domain/lab/lab-record.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { RuntimeName, Setup } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';

/** Refuses setups that the runtime cannot stand up. */
export function refuseUndeployable(setup: Setup, runtime: RuntimeName): void {
  const existing = setup.clusters.find((cluster) => cluster.kind === 'existing');
  if (existing !== undefined) {
    throw new KmkError(
      'KMK_ENV_RUNTIME',
      `cluster "${existing.alias}" exists already and kmk deploy only starts lab clusters`,
      {
        hints: ['Give the cluster `brokers` and `port` instead of `bootstrap`, or run `kmk render all` for its files.'],
      },
    );
  }
  if (runtime === 'docker') {
    const obstacle = composeObstacle(setup);
    if (obstacle !== null) throw obstacle;
    return;
  }
  if (setup.kafka.distribution === 'confluent') {
    throw new KmkError('KMK_ENV_RUNTIME', 'kafka.distribution "confluent" does not run on the local runtime', {
      hints: ['Set kafka.distribution to "apache" in kmk.yaml: version and mode can stay.'],
    });
  }
}

/** Refuses to turn a deployed lab into another one in place. */
export function refuseOtherLab(record: LabRecord, setup: Setup, runtime: RuntimeName): void {
  if (record.project !== setup.name) {
    throw new KmkError('KMK_FOREIGN_PROJECT', `project "${record.project}" is deployed here, not "${setup.name}"`, {
      hints: [`Run \`kmk destroy -p ${record.project}\` first, or give another folder with \`--state-dir\`.`],
    });
  }
  if (record.complete && record.runtime !== runtime) {
    throw new KmkError('KMK_WRONG_STATE', `project "${setup.name}" is deployed on the ${record.runtime} runtime`, {
      hints: [`Run \`kmk destroy\` first, or \`kmk deploy --runtime ${record.runtime}\`.`],
    });
  }
  const shape = ({
    kafka,
    clusters,
    replication: { mode, policy, separator, internalSeparator = true },
  }: Setup): string => JSON.stringify([kafka, clusters, mode, policy, separator, internalSeparator]);
  // A cluster that no flow led to or from has no place for a worker.
  const ends = setup.replication.flows.flatMap(({ source, target }) => [source, target]);
  const reachable = ends.every((alias) => record.ports.connect[alias] !== undefined);
  if (record.complete && (shape(record.setup) !== shape(setup) || !reachable)) {
    throw new KmkError('KMK_WRONG_STATE', `project "${setup.name}" is deployed with other clusters or another policy`, {
      hints: ['Run `kmk destroy` and then `kmk deploy`; changes of flows, topics and groups need no destroy.'],
    });
  }
  if (record.complete) refuseOtherFaults(record, setup);
}

/** Brokers would have to be started with other listeners and on another disk. */
function refuseOtherFaults({ setup: deployed }: LabRecord, { name, faults }: Setup): void {
  if (JSON.stringify(deployed.faults) === JSON.stringify(faults)) return;
  throw new KmkError('KMK_WRONG_STATE', `project "${name}" is deployed with other \`faults\` than kmk.yaml has now`, {
    hints: ['Run `kmk destroy` and then `kmk deploy`.'],
  });
}

/** What has moved comes back by the other flow: under the identity policy it would go round for ever. */
export function refuseOwnFilters(record: LabRecord, { replication: { flows } }: Setup): void {
  const moved = movedNow(record);
  const flow = flows.find(({ source, target }) => source === moved?.from && target === moved.to);
  const [option] = flow === undefined ? [] : ownFilters(flow);
  if (moved === null || flow === undefined || option === undefined) return;
  throw new KmkError(
    'KMK_WRONG_STATE',
    `"${option}" in the config of the flow ${flowId(flow)} would let it copy what has moved: ${moved.topics.join(', ')}`,
    { hints: ['Leave it out until `kmk failback` has brought these topics back.'] },
  );
}

/** After a failover nothing but a failback starts the old primary. */
export function refusePromoted(record: LabRecord): void {
  if (record.promotion === null) return;
  const { from, to } = record.promotion;
  throw new KmkError('KMK_WRONG_STATE', `"${to}" was promoted and "${from}" must stay down until it is fenced`, {
    hints: [`Run \`kmk failback\` to bring "${from}" back, or \`kmk destroy\` to remove the lab.`],
  });
}
