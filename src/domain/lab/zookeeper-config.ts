import type { Layout, ZookeeperLayout } from './layout.ts';
import type { PropertySection } from './properties.ts';

/** Directory of a ZooKeeper's data, relative to the rendered files. */
export function zookeeperDataDir(zookeeper: ZookeeperLayout): string {
  return `./data/${zookeeper.name}`;
}

/** A broker that was killed may register again only when its old session is over; ZooKeeper grants 2 to 20 ticks. */
export const ZOOKEEPER_SESSION_MS = 4000;
const TICK_MS = 500;

/** zookeeper.properties of the one server of a cluster. */
export function zookeeperProperties(layout: Layout, zookeeper: ZookeeperLayout): readonly PropertySection[] {
  const local = layout.addressing === 'local';
  return [
    {
      comment: 'One server: a lab needs no ensemble',
      entries: [
        ['dataDir', local ? zookeeperDataDir(zookeeper) : '/var/lib/zookeeper/data'],
        ['clientPort', String(zookeeper.port)],
        ...(local ? [['clientPortAddress', '127.0.0.1'] as const] : []),
        ['tickTime', String(TICK_MS)],
        ['maxClientCnxns', '0'],
        ['admin.enableServer', 'false'],
        // How kmk sees whether a broker is still registered.
        ['4lw.commands.whitelist', 'ruok,dump'],
      ],
    },
    {
      comment: 'Small and quick: 64 MB would be allocated for each log, and each write synced to disk',
      entries: [
        ['preAllocSize', '1024'],
        ['forceSync', 'no'],
      ],
    },
  ];
}
