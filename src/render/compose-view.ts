import { imagesOf } from '../domain/lab/images.ts';
import type { Layout } from '../domain/lab/layout.ts';
import { brokerServices } from './compose-brokers.ts';
import type { ComposeService } from './compose-service.ts';
import { allNetworks, CONTAINER_DIR, ownerLabels } from './compose-service.ts';
import { connectorJobs, mm2Services, workerServices } from './compose-replication.ts';
import { uiServices } from './compose-ui.ts';

/** View of templates/compose/docker-compose.yml. */
export function composeView(layout: Layout): object {
  const images = imagesOf(layout.setup);
  const dedicated = layout.setup.replication.mode === 'dedicated';
  const services: readonly ComposeService[] = [
    ...brokerServices(layout, images),
    ...(dedicated
      ? mm2Services(layout, images)
      : [...workerServices(layout, images), ...connectorJobs(layout, images)]),
    ...(layout.setup.ui.enabled ? uiServices(layout, images) : []),
  ];
  const { diskMb } = layout.setup.faults;
  const mounts = services.flatMap((service) => service.mounts).filter(({ type }) => type === 'volume');
  const brokers = new Set(layout.clusters.flatMap((cluster) => cluster.brokers.map(({ name }) => `${name}-data`)));
  return {
    title: `Lab "${layout.setup.name}"`,
    services,
    networks: allNetworks(layout),
    volumes: [...new Set(mounts.map(({ source }) => source))].map((name) => ({
      name,
      sizeMb: brokers.has(name) ? diskMb : 0,
    })),
    owner: ownerLabels(layout),
    containerDir: CONTAINER_DIR,
  };
}
