import type { Fault } from '../../domain/fault.ts';
import { covers } from '../../domain/fault.ts';
import { isOnWay } from '../../domain/traffic.ts';
import type { ComposeFile } from './compose-file.ts';
import { networkName } from './container-options.ts';
import type { Found } from './containers.ts';
import type { Engine } from './engine.ts';
import type { Owner } from './labels.ts';
import { joinNetwork } from './start-container.ts';

/** A lab of an engine, for what is done to its network. */
export interface NetworkStage {
  readonly engine: Engine;
  readonly owner: Owner;
  readonly labDir: string;
}

/**
 * Connects every container to the networks of its service that no partition takes from it, and disconnects it from all
 * others. Published ports go with the last connection and come back with the first.
 */
export async function reconnect(
  stage: NetworkStage,
  compose: ComposeFile,
  services: readonly Found[],
  faults: readonly Fault[],
): Promise<void> {
  const cuts = faults.filter(({ kind }) => kind === 'partition');
  await Promise.all(services.map((found) => reconnectOne(stage, found, wanted(compose, found, cuts))));
}

/** The site's own network is named by its alias; a worker of the site is in those of others too: its links. */
function wanted(compose: ComposeFile, { service: name, info }: Found, cuts: readonly Fault[]): readonly string[] {
  const own = info.cluster;
  const isOff = cuts.some((cut) => cut.scope !== 'links' && cut.cluster === own && covers(cut, info));
  if (isOff) return [];
  const isCut = (network: string): boolean =>
    own !== '' &&
    network !== own &&
    cuts.some(
      (cut) => cut.scope === 'links' && isOnWay(cut, { cluster: network, service: '', kind: 'broker', from: own }),
    );
  return (compose.services[name]?.networks ?? []).filter((network) => !isCut(network));
}

async function reconnectOne({ engine, owner }: NetworkStage, found: Found, networks: readonly string[]): Promise<void> {
  const { NetworkSettings } = await engine.ask((docker) => docker.getContainer(found.id).inspect());
  const connected = Object.keys(NetworkSettings.Networks);
  const full = new Map(networks.map((network) => [networkName(owner.project, network), network]));
  for (const [name, network] of full) {
    if (!connected.includes(name)) await joinNetwork(engine, owner.project, network, found.id, found.service);
  }
  // Others' networks, that somebody connected it to, are not the lab's.
  for (const name of connected.filter((one) => one.startsWith(`${owner.project}_`) && !full.has(one))) {
    await engine.ask((docker) => docker.getNetwork(name).disconnect({ Container: found.id, Force: true }));
  }
}
