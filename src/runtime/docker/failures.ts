import { KmkError } from '../../domain/errors.ts';
import type { EngineEndpoint } from './endpoint.ts';

/** What dockerode throws for an answer of the engine. */
interface Refusal {
  readonly statusCode: number;
  readonly json?: { readonly message?: string } | null;
  readonly message: string;
}

const LOCAL = 'Run `kmk deploy --runtime local` to do without Docker.';

/** The engine was not reached: why, and what helps. Null for an error that is an answer. */
export function connectionError(error: unknown, endpoint: EngineEndpoint): KmkError | null {
  const code = codeOf(error);
  const details = { context: { endpoint: endpoint.url }, cause: error };
  if (code === 'EACCES' || code === 'EPERM') {
    return new KmkError('KMK_ENV_DOCKER_UNREACHABLE', `this user may not use the docker engine at "${endpoint.url}"`, {
      ...details,
      hints: ['Join its group with `sudo usermod -aG docker $USER` and log in again.', LOCAL],
    });
  }
  const away = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'ABORT_ERR', 'TimeoutError'];
  if (code === null || !away.includes(code)) return null;
  return new KmkError('KMK_ENV_DOCKER_UNREACHABLE', `no docker engine answers at "${endpoint.url}"`, {
    ...details,
    hints: ['Start it with `sudo systemctl start docker`, or start Docker Desktop.', LOCAL],
  });
}

/** An answer that is a refusal, in the engine's own words. */
export function requestError(error: unknown): KmkError | Error {
  const { message } = refusalOf(error) ?? {};
  if (message === undefined) return error instanceof Error ? error : new Error(String(error));
  if (message.includes('no space left on device')) {
    return new KmkError('KMK_ENV_DISK', 'the disk of the docker engine is full', {
      hints: ['Free space with `docker system df` and `docker system prune`.'],
      cause: error,
    });
  }
  return new KmkError('KMK_DOCKER_REQUEST', `docker: ${oneLine(message)}`, {
    hints: ['Run `kmk doctor`.'],
    cause: error,
  });
}

/** The status of a refusal, also inside a KmkError; null for anything else. */
export function statusOf(error: unknown): number | null {
  return refusalOf(KmkError.is(error) ? error.cause : error)?.statusCode ?? null;
}

/** The host port that a start failed on, else null. The engine says it in two ways. */
export function takenPort(error: unknown): number | null {
  const { message = '' } = refusalOf(KmkError.is(error) ? error.cause : error) ?? {};
  if (!/port is already allocated|address already in use/.test(message)) return null;
  const [, port] = /(?:Bind for|listen tcp4?)\s+\S*?:(\d+)(?::|\s)/.exec(message) ?? [];
  return port === undefined ? 0 : Number(port);
}

export function oneLine(text: string): string {
  const line = text.trim().split(/\s*\n\s*/)[0] ?? '';
  return `${line.charAt(0).toLowerCase()}${line.slice(1)}`.replace(/\.$/, '');
}

function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  const { json, statusCode } = error as Error & Refusal;
  return { statusCode, message: json?.message ?? error.message };
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('statusCode' in error) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.name;
}
