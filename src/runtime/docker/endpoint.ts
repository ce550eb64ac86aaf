import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { KmkError } from '../../domain/errors.ts';

/** Where the engine is, and who said so. */
export interface EngineEndpoint {
  /** As DOCKER_HOST has it: `unix:///var/run/docker.sock`. */
  readonly url: string;
  readonly from: string;
}

const DEFAULT_SOCKET = process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/;

/**
 * The engine that the `docker` command would use: DOCKER_HOST, else DOCKER_CONTEXT, else the current context, else the
 * default socket. dockerode knows no contexts. Throws KMK_ENV_DOCKER_UNREACHABLE for one on another machine: what kmk
 * mounts and publishes is on this one.
 */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<EngineEndpoint> {
  const host = env['DOCKER_HOST'] ?? '';
  const endpoint = host === '' ? await ofContext(env) : { url: host, from: 'DOCKER_HOST' };
  if (isHere(endpoint.url)) return endpoint;
  throw new KmkError(
    'KMK_ENV_DOCKER_UNREACHABLE',
    `the docker engine of ${endpoint.from}, "${endpoint.url}", is not on this machine`,
    {
      hints: [
        'Unset DOCKER_HOST, or choose a local engine with `docker context use default`.',
        'Run kmk on the machine of that engine, or `kmk deploy --runtime local`.',
      ],
      context: { endpoint: endpoint.url },
    },
  );
}

async function ofContext(env: NodeJS.ProcessEnv): Promise<EngineEndpoint> {
  const folder = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker');
  const named = env['DOCKER_CONTEXT'] ?? '';
  const current = named === '' ? await field(join(folder, 'config.json'), 'currentContext') : named;
  if (current === null || current === 'default') return { url: DEFAULT_SOCKET, from: 'the default socket' };
  const from = `docker context "${current}"`;
  const id = createHash('sha256').update(current).digest('hex');
  const url = await field(join(folder, 'contexts', 'meta', id, 'meta.json'), 'Endpoints', 'docker', 'Host');
  if (url !== null) return { url, from };
  throw new KmkError('KMK_ENV_DOCKER_UNREACHABLE', `${from} does not exist`, {
    hints: ['List the contexts with `docker context ls`, or choose one with `docker context use default`.'],
  });
}

/** A text inside a JSON file; null where there is none. */
async function field(path: string, ...keys: readonly string[]): Promise<string | null> {
  try {
    let value: unknown = JSON.parse(await readFile(path, 'utf8'));
    for (const key of keys) value = (value as Readonly<Record<string, unknown>> | null)?.[key];
    return typeof value === 'string' && value !== '' ? value : null;
  } catch {
    return null;
  }
}

function isHere(url: string): boolean {
  if (/^(?:unix|npipe):/.test(url)) return true;
  try {
    const { protocol, hostname } = new URL(url);
    return /^(?:tcp|https?):$/.test(protocol) && LOOPBACK.test(hostname);
  } catch {
    return false;
  }
}
