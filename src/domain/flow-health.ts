import type { ConnectorStatus } from './documents.ts';
import { CONNECTOR_TYPES } from './lab/connect-config.ts';

/** What keeps a flow from running, by connector and task; null where its three connectors run with all their tasks. */
export function notRunning(connectors: readonly ConnectorStatus[]): string | null {
  const missing = CONNECTOR_TYPES.filter((type) => !connectors.some((connector) => connector.type === type));
  const faults = [
    ...missing.map((type) => `no ${type} connector`),
    ...connectors.flatMap(({ name, type, state, tasks }) => [
      ...(state === 'RUNNING' ? [] : [`${name} is ${state}`]),
      ...tasks.filter((task) => task.state !== 'RUNNING').map((task) => `task ${task.id} of ${name} is ${task.state}`),
      // A checkpoint connector has none while no group has a commit on a mirrored topic.
      ...(state === 'RUNNING' && tasks.length === 0 && type !== 'checkpoint' ? [`${name} has no task`] : []),
    ]),
  ];
  return faults.length === 0 ? null : faults.join(', ');
}
