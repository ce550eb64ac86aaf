import type { LabRecord } from '../../domain/lab/lab-record.ts';
import type { LabPorts } from '../../domain/lab/ports.ts';
import { isLabCluster, preferredPorts } from '../../domain/lab/ports.ts';
import type { Setup } from '../../domain/setup.ts';

/** The ports of the deployed lab where the setup is still made of the same services, else the preferred ones. */
export async function portsToRender(setup: Setup, record: LabRecord | null): Promise<LabPorts> {
  const preferred = await preferredPorts(setup);
  return record !== null &&
    record.project === setup.name &&
    shapeOf(record.setup, record.ports) === shapeOf(setup, preferred)
    ? record.ports
    : preferred;
}

/** Which services there are, and the ports that the file asks for: what recorded ports must fit. */
function shapeOf(setup: Setup, { brokers, connect }: LabPorts): string {
  const clusters = setup.clusters.filter(isLabCluster).map(({ alias, port }) => {
    const ids = (brokers[alias] ?? []).map(({ id, controller }) => [id, controller !== null]);
    return [alias, port, ids];
  });
  return JSON.stringify([clusters, Object.keys(connect)]);
}
