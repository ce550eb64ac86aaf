import type { SweptItem } from '../../app/ports/service-runtime.ts';
import type { Engine } from './engine.ts';
import { statusOf } from './failures.ts';
import type { Owner } from './labels.ts';
import { ownedBy } from './labels.ts';

/** Networks and volumes with the lab's marks. */
export async function sharedParts(engine: Engine, owner: Owner): Promise<readonly SweptItem[]> {
  const filters = ownedBy(owner);
  const [networks, { Volumes }] = await Promise.all([
    engine.ask((docker) => docker.listNetworks({ filters })),
    engine.ask((docker) => docker.listVolumes({ filters })),
  ]);
  return [
    ...networks.map(({ Name }): SweptItem => ({ kind: 'network', name: Name })),
    ...((Volumes as typeof Volumes | null) ?? []).map(({ Name }): SweptItem => ({ kind: 'volume', name: Name })),
  ];
}

/** Removes every container, network and volume with the lab's marks; what is gone already is no error. */
export async function removeOwned(engine: Engine, owner: Owner): Promise<readonly SweptItem[]> {
  const filters = ownedBy(owner);
  const containers = await engine.ask((docker) => docker.listContainers({ all: true, filters }));
  await Promise.all(
    containers.map(({ Id }) => gone(engine.ask((docker) => docker.getContainer(Id).remove({ force: true, v: true })))),
  );
  const shared = await sharedParts(engine, owner);
  await Promise.all(
    shared.map(({ kind, name }) =>
      gone(
        engine.ask((docker) =>
          kind === 'network' ? docker.getNetwork(name).remove() : docker.getVolume(name).remove(),
        ),
      ),
    ),
  );
  const names = containers.map(({ Names, Id }): SweptItem => ({ kind: 'container', name: Names[0]?.slice(1) ?? Id }));
  return [...names.toSorted((a, b) => a.name.localeCompare(b.name)), ...shared];
}

/** 404: it is gone; 409: another removal is at work. */
async function gone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && !(status === 409 && String(error).includes('already in progress'))) throw error;
  }
}
