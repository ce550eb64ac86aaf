import { setTimeout } from 'node:timers/promises';
import type Docker from 'dockerode';
import { KmkError } from '../../domain/errors.ts';
import type { EngineEndpoint } from './endpoint.ts';
import { findEngine } from './endpoint.ts';
import { connectionError, requestError } from './failures.ts';

const PING_LIMIT_MS = 5000;

/** The Docker engine of this machine, opened when it is first asked: dockerode takes 200 ms to load. */
export class Engine {
  readonly #env: NodeJS.ProcessEnv;
  #opened: Promise<{ readonly docker: Docker; readonly endpoint: EngineEndpoint }> | null = null;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Asks the engine; its errors come as KmkError. */
  async ask<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
    this.#opened ??= open(this.#env);
    const { docker, endpoint } = await this.#opened;
    try {
      return await work(docker);
    } catch (error) {
      if (KmkError.is(error)) throw error;
      throw connectionError(error, endpoint) ?? requestError(error);
    }
  }

  /** Throws KMK_ENV_DOCKER_UNREACHABLE unless it answers within `limitMs`. */
  async ping(limitMs = PING_LIMIT_MS): Promise<void> {
    await this.ask((docker) => Promise.race([docker.ping(), expired(limitMs)]));
  }
}

async function expired(ms: number): Promise<never> {
  await setTimeout(ms, undefined, { ref: false });
  throw new DOMException(`no answer within ${ms} ms`, 'TimeoutError');
}

async function open(env: NodeJS.ProcessEnv): Promise<{ readonly docker: Docker; readonly endpoint: EngineEndpoint }> {
  const endpoint = await findEngine(env);
  const { default: Dockerode } = await import('dockerode');
  return { docker: new Dockerode(optionsOf(endpoint)), endpoint };
}

/** `host` is named in each, because dockerode would take the one of DOCKER_HOST. */
function optionsOf({ url, from }: EngineEndpoint): Docker.DockerOptions {
  // dockerode also knows the socket of Docker Desktop, which belongs to the user.
  if (from === 'the default socket') return {};
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(url)?.[1];
  if (socket !== undefined) return { host: undefined, socketPath: socket };
  const { hostname, port } = new URL(url);
  return { host: hostname, port };
}
