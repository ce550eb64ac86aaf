import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KmkError } from '../../domain/errors.ts';
import type { Fault } from '../../domain/fault.ts';
import { covers } from '../../domain/fault.ts';
import type { Traffic } from '../../domain/traffic.ts';
import { trafficOn } from '../../domain/traffic.ts';
import { COMPOSE_FILE } from './compose-file.ts';
import { networkName } from './container-options.ts';
import type { Found } from './containers.ts';
import { ensureImage } from './images.ts';
import { oneLine } from './failures.ts';
import { containerLabels } from './labels.ts';
import { runToEnd } from './one-off.ts';
import type { NetworkStage } from './site-networks.ts';

/** What lies on an interface, so that the next command knows what to take away. A restart takes it away too. */
const LAID_FILE = 'traffic.json';

interface Interface {
  readonly container: Found;
  readonly address: string;
  /** Container, its start and address: another one has another network namespace. */
  readonly key: string;
  readonly traffic: Traffic;
}

/**
 * Lays latency and loss on what the containers send, by netem in their network namespaces, and takes away what lies
 * there otherwise. Throws KMK_ENV_RUNTIME where the engine's kernel has no netem, KMK_IMAGE_MISSING without an image
 * that has `ip` and `tc`.
 */
export async function shapeTraffic(
  stage: NetworkStage,
  image: string,
  services: readonly Found[],
  faults: readonly Fault[],
  signal: AbortSignal,
): Promise<void> {
  const laid = await readLaid(stage.labDir);
  const slowed = faults.filter(({ kind }) => kind !== 'partition');
  if (slowed.length === 0 && Object.keys(laid).length === 0) return;
  const interfaces = (await Promise.all(services.map((found) => interfacesOf(stage, found, slowed)))).flat();
  const changed = interfaces.filter(({ key, traffic }) => (laid[key] ?? '') !== netem(traffic));
  if (changed.length > 0) await ensureImage(stage.engine, image, 'network', () => undefined, signal);
  const done: Record<string, string> = Object.fromEntries(
    Object.entries(laid).filter(([key]) => interfaces.some((one) => one.key === key)),
  );
  try {
    for (const one of changed) {
      await lay(stage, image, one, signal);
      if (netem(one.traffic) === '') Reflect.deleteProperty(done, one.key);
      else done[one.key] = netem(one.traffic);
    }
  } finally {
    await writeLaid(stage.labDir, done);
  }
}

/** netem delays what leaves an interface: one end of a link is enough for a longer round trip. */
async function interfacesOf(
  { engine, owner }: NetworkStage,
  found: Found,
  faults: readonly Fault[],
): Promise<readonly Interface[]> {
  const own = found.info.cluster;
  if (own === '' || (found.state !== 'running' && found.state !== 'frozen')) return [];
  const { NetworkSettings, State } = await engine.ask((docker) => docker.getContainer(found.id).inspect());
  return Object.entries(NetworkSettings.Networks).flatMap(([name, { IPAddress: address }]) => {
    const network = name.slice(networkName(owner.project, '').length);
    if (!name.startsWith(networkName(owner.project, '')) || address === '') return [];
    const here =
      network === own
        ? faults.filter((fault) => isOfService(fault, found))
        : faults.filter((fault) => isOfLink(fault, own));
    const way = {
      cluster: network,
      service: found.service,
      kind: 'broker',
      from: network === own ? null : own,
    } as const;
    return [
      { container: found, address, key: `${found.id} ${State.StartedAt} ${address}`, traffic: trafficOn(way, here) },
    ];
  });
}

/** A worker speaks to its own brokers, whose answers are slow already. */
function isOfService(fault: Fault, { info }: Found): boolean {
  return fault.scope !== 'links' && fault.cluster === info.cluster && info.kind === 'broker' && covers(fault, info);
}

/** What the site asks of others; what others ask of a whole site is slowed by its brokers' answers. */
function isOfLink(fault: Fault, own: string): boolean {
  return fault.scope === 'links' || (fault.scope === 'site' && fault.cluster === own);
}

/** Arguments of netem; empty where nothing is to lie on the interface. */
function netem({ delayMs, lossPercent }: Traffic): string {
  const delay = delayMs === 0 ? '' : `delay ${delayMs}ms`;
  const loss = lossPercent === 0 ? '' : `loss ${Number(lossPercent.toFixed(4))}%`;
  return `${delay} ${loss}`.trim();
}

async function lay(stage: NetworkStage, image: string, of: Interface, signal: AbortSignal): Promise<void> {
  const { engine, owner, labDir } = stage;
  const { id, service } = of.container;
  const find = `dev=$(ip -o -4 addr show | awk -v ip='${of.address}/' 'index($4, ip) == 1 { print $2 }')`;
  const rule = netem(of.traffic);
  const change = rule === '' ? 'tc qdisc del dev "$dev" root' : `tc qdisc replace dev "$dev" root netem ${rule}`;
  const create = {
    Image: image,
    Cmd: ['sh', '-c', `${find} && ${change}`],
    Labels: containerLabels(owner, { service, hash: '', file: join(labDir, COMPOSE_FILE), oneOff: true }),
    HostConfig: { NetworkMode: `container:${id}`, CapAdd: ['NET_ADMIN'], RestartPolicy: { Name: 'no' } },
  };
  const { exitCode, stdout, stderr } = await engine.ask((docker) => runToEnd(docker, create, { signal }));
  if (exitCode === 0) return;
  const said = oneLine(`${stderr}\n${stdout}`.trim());
  throw new KmkError('KMK_ENV_RUNTIME', `the network of "${service}" cannot be slowed here: ${said}`, {
    hints: [
      'Latency and loss need an engine whose kernel has netem (module sch_netem), and an image with `ip` and `tc` (`images.network`).',
      'On the local runtime gates do it: set `faults: { network: true }` in kmk.yaml and run `kmk deploy --runtime local`.',
    ],
    context: { service, image },
  });
}

async function readLaid(labDir: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(join(labDir, LAID_FILE), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Readonly<Record<string, string>>;
}

async function writeLaid(labDir: string, laid: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(labDir, { recursive: true });
  await writeFile(join(labDir, `${LAID_FILE}.tmp`), JSON.stringify(laid));
  await rename(join(labDir, `${LAID_FILE}.tmp`), join(labDir, LAID_FILE));
}
