import { KmkError } from '../../domain/errors.ts';
import type { ComposeFile } from './compose-file.ts';
import { networkName, volumeName } from './container-options.ts';
import type { Engine } from './engine.ts';
import type { Owner } from './labels.ts';
import { isOwn, KMK_PROJECT, KMK_STATE, networkLabels, PROJECT, volumeLabels, WORKING_DIR } from './labels.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Makes what the containers of the file share: the networks and the volumes. Throws KMK_FOREIGN_PROJECT where the name of
 * the project is somebody else's, and KMK_ENV_MEMORY where the lab cannot fit.
 */
export async function ensureProject(engine: Engine, compose: ComposeFile, owner: Owner): Promise<void> {
  await Promise.all([refuseForeign(engine, owner), refuseSmallMemory(engine, compose)]);
  await Promise.all(Object.keys(compose.networks).map((network) => ensureNetwork(engine, compose, owner, network)));
  await Promise.all(Object.keys(compose.volumes ?? {}).map((volume) => ensureVolume(engine, compose, owner, volume)));
}

/** Containers of the same project name that are not this lab's: of another folder, or of Compose itself. */
async function refuseForeign(engine: Engine, owner: Owner): Promise<void> {
  const groups = await Promise.all(
    [PROJECT, KMK_PROJECT].map((label) =>
      engine.ask((docker) => docker.listContainers({ all: true, filters: { label: [`${label}=${owner.project}`] } })),
    ),
  );
  const foreign = groups.flat().find(({ Labels }) => !isOwn(Labels, owner));
  if (foreign !== undefined)
    throw foreignProject(owner, foreign.Labels, `container "${foreign.Names[0]?.slice(1) ?? ''}"`);
}

/** The error for something that has the name that this project needs. */
export function foreignProject({ project }: Owner, labels: Labels | undefined, what: string): KmkError {
  const folder = labels?.[WORKING_DIR];
  const byCompose = labels?.[PROJECT] === project;
  // The file lies in the folder `lab` of a state directory.
  const stateDir = labels?.[KMK_STATE] === undefined ? undefined : folder?.replace(/[/\\]lab$/, '');
  const message =
    folder === undefined && !byCompose
      ? `${what} has the name that project "${project}" needs and was not made by kmk`
      : `project "${project}" is ${stateDir === undefined ? 'in use by Docker Compose' : 'deployed'} from "${stateDir ?? folder}"`;
  return new KmkError('KMK_FOREIGN_PROJECT', message, {
    hints: [
      ...(stateDir === undefined ? [] : [`Run \`kmk destroy -p ${project} --state-dir ${stateDir}\` first.`]),
      'Deploy under another name with `kmk deploy -p NAME`.',
    ],
    context: { project, ...(stateDir === undefined ? {} : { stateDir }) },
  });
}

async function ensureNetwork(engine: Engine, compose: ComposeFile, owner: Owner, network: string): Promise<void> {
  const name = networkName(owner.project, network);
  const networks = await engine.ask((docker) => docker.listNetworks({ filters: { name: [name] } }));
  // The filter finds parts of names too.
  const known = networks.find(({ Name }) => Name === name);
  if (known !== undefined) {
    if (isOwn(known.Labels, owner)) return;
    throw foreignProject(owner, known.Labels, `network "${name}"`);
  }
  const Labels = { ...compose.networks[network]?.labels, ...networkLabels(owner, network) };
  await engine.ask((docker) => docker.createNetwork({ Name: name, CheckDuplicate: true, Driver: 'bridge', Labels }));
}

async function ensureVolume(engine: Engine, compose: ComposeFile, owner: Owner, volume: string): Promise<void> {
  const name = volumeName(owner.project, volume);
  const { Volumes } = await engine.ask((docker) => docker.listVolumes({ filters: { name: [name] } }));
  // An engine without volumes answers null.
  const known = (Volumes as typeof Volumes | null)?.find((candidate) => candidate.Name === name);
  if (known !== undefined) {
    if (isOwn(known.Labels, owner)) return;
    throw foreignProject(owner, known.Labels, `volume "${name}"`);
  }
  const { labels, driver_opts: DriverOpts = {} } = compose.volumes?.[volume] ?? {};
  const Labels = { ...labels, ...volumeLabels(owner, volume) };
  await engine.ask((docker) => docker.createVolume({ Name: name, Driver: 'local', DriverOpts, Labels }));
}

async function refuseSmallMemory(engine: Engine, compose: ComposeFile): Promise<void> {
  const { MemTotal } = (await engine.ask((docker) => docker.info())) as { readonly MemTotal: number };
  const needed = Object.values(compose.services).reduce(
    (sum, service) => sum + (service.profiles.length === 0 ? service.mem_reservation : 0),
    0,
  );
  if (MemTotal >= needed) return;
  const mib = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
  throw new KmkError(
    'KMK_ENV_MEMORY',
    `the docker engine has ${mib(MemTotal)} of memory and the lab needs ${mib(needed)}`,
    {
      hints: [
        'Give the engine more memory (Docker Desktop: Settings, Resources), or take fewer brokers.',
        'Leave the web UI out with `kmk deploy --no-ui` and `ui: { enabled: false }` in kmk.yaml.',
      ],
      context: { memoryMb: Math.round(MemTotal / 1024 / 1024), neededMb: Math.round(needed / 1024 / 1024) },
    },
  );
}
