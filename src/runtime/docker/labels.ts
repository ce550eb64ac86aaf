/** Labels of Compose: `docker compose -p NAME ps|logs|down` shows and manages what carries them. */
const COMPOSE = 'com.docker.compose.';

export const PROJECT = `${COMPOSE}project`;
export const SERVICE = `${COMPOSE}service`;
export const CONFIG_HASH = `${COMPOSE}config-hash`;
export const ONE_OFF = `${COMPOSE}oneoff`;
export const WORKING_DIR = `${COMPOSE}project.working_dir`;
const CONFIG_FILES = `${COMPOSE}project.config_files`;
const NUMBER = `${COMPOSE}container-number`;
const VERSION = `${COMPOSE}version`;
const NETWORK = `${COMPOSE}network`;
const VOLUME = `${COMPOSE}volume`;

/** Ownership: only what carries both is ever touched. */
export const KMK_PROJECT = 'kmk.project';
export const KMK_STATE = 'kmk.state';
export const KMK_ROLE = 'kmk.role';
export const KMK_CLUSTER = 'kmk.cluster';
export const KMK_ENDPOINT = 'kmk.endpoint';
const KMK_VERSION = 'kmk.version';

/** The Compose specification that the labels are of; `docker compose ls` wants some version. */
const COMPOSE_VERSION = '2.0.0';

export interface Owner {
  readonly project: string;
  /** Hash of the state directory. */
  readonly state: string;
  readonly kmkVersion: string;
}

/** What finds everything of one lab. */
export function ownedBy({ project, state }: Owner): { readonly label: string[] } {
  return { label: [`${KMK_PROJECT}=${project}`, `${KMK_STATE}=${state}`] };
}

export function isOwn(labels: Readonly<Record<string, string>> | undefined, { project, state }: Owner): boolean {
  return labels?.[KMK_PROJECT] === project && labels[KMK_STATE] === state;
}

function common({ project, state, kmkVersion }: Owner): Record<string, string> {
  return {
    [PROJECT]: project,
    [VERSION]: COMPOSE_VERSION,
    [KMK_PROJECT]: project,
    [KMK_STATE]: state,
    [KMK_VERSION]: kmkVersion,
  };
}

export function networkLabels(owner: Owner, network: string): Record<string, string> {
  return { ...common(owner), [NETWORK]: network };
}

export function volumeLabels(owner: Owner, volume: string): Record<string, string> {
  return { ...common(owner), [VOLUME]: volume };
}

export function containerLabels(
  owner: Owner,
  of: { readonly service: string; readonly hash: string; readonly file: string; readonly oneOff?: boolean },
): Record<string, string> {
  return {
    ...common(owner),
    [SERVICE]: of.service,
    [CONFIG_HASH]: of.hash,
    [NUMBER]: '1',
    // A string with a capital letter: Compose compares it as text.
    [ONE_OFF]: of.oneOff === true ? 'True' : 'False',
    [CONFIG_FILES]: of.file,
    [WORKING_DIR]: of.file.replace(/[/\\][^/\\]*$/, ''),
  };
}
