import { randomBytes } from 'node:crypto';
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock, Random } from '../app/ports/clock.ts';
import { abortError } from '../domain/errors.ts';

/** The machine's clock. Sleeping ends at once, with the signal's error, when the signal aborts. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(abortError(signal));
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(abortError(signal ?? {}));
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export const systemRandom: Random = {
  id: (length) => Array.from(randomBytes(length), (byte) => ID_LETTERS[byte % ID_LETTERS.length]).join(''),
  kafkaUuid() {
    for (;;) {
      const text = randomBytes(16).toString('base64url');
      // Kafka's own generator avoids a leading dash: command lines would take it for an option (Uuid.randomUuid).
      if (!text.startsWith('-')) return text;
    }
  },
};

/** Root of the installed package: templates/, runtime/ and scenarios/ lie there, beside dist/ or src/. */
export const packageRoot: string = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The drills that come with kmk. */
export const scenarioFolder: string = join(packageRoot, 'scenarios');

/** Tells state directories apart: 16 hex digits of the hash of the real path. */
export function stateHashOf(stateDir: string): string {
  let real = stateDir;
  try {
    real = realpathSync(stateDir);
  } catch {
    // Not there yet: the path as given is what its real path will be.
  }
  return createHash('sha256').update(real).digest('hex').slice(0, 16);
}
