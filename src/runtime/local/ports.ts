import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { KmkError } from '../../domain/errors.ts';
import type { PortChooser } from '../../domain/lab/ports.ts';

/**
 * Free ports are looked for here: client + 20000 (INTERNAL) then still lies below the range from which the system
 * takes ports of outgoing connections (32768 on Linux), where a chosen port could be taken before the broker binds it.
 */
const FREE_FROM = 10_000;
const FREE_TO = 12_500;
const TRIES = 200;
const LOOK_EVERY_MS = 25;

/**
 * Chooses ports that nothing listens on now. `reserved` ports (of this run) are never given twice, except to the service
 * whose own port it is (`ownWithinMs`), which may be started several times in one run.
 */
export function createPortChooser(reserved: ReadonlySet<number> = new Set()): PortChooser {
  const taken = new Set(reserved);
  return async (preferred, use) => {
    const { ownWithinMs } = use;
    const isOwn = ownWithinMs !== undefined;
    if (preferred !== null && (isOwn || !taken.has(preferred)) && (await isFreeWithin(preferred, ownWithinMs ?? 0))) {
      taken.add(preferred);
      return preferred;
    }
    if (preferred !== null && use.required) throw portTaken(preferred, use.what);
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const port = randomInt(FREE_FROM, FREE_TO);
      if (!taken.has(port) && (await isFree(port))) {
        taken.add(port);
        return port;
      }
    }
    throw new KmkError('KMK_ENV_PORT_TAKEN', `no free port between ${FREE_FROM} and ${FREE_TO} for ${use.what}`);
  };
}

async function isFreeWithin(port: number, limitMs: number): Promise<boolean> {
  const until = performance.now() + limitMs;
  while (!(await isFree(port))) {
    if (performance.now() >= until) return false;
    await delay(LOOK_EVERY_MS);
  }
  return true;
}

/** True when a listener can be opened on the loopback address. */
export async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export function portTaken(port: number, what: string): KmkError {
  return new KmkError('KMK_ENV_PORT_TAKEN', `port ${port} for ${what} is in use`, {
    hints: [
      `Stop what listens on port ${port}, or give the cluster another \`port\` (or "auto") in kmk.yaml.`,
      'Run `kmk doctor` to see which ports are taken.',
    ],
    context: { port },
  });
}
