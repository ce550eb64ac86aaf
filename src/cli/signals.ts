import { KmkError } from '../domain/errors.ts';
import type { CliIo } from './streams.ts';

/** Signals of one run: `signal` aborts on the first Ctrl-C or SIGTERM. */
export interface RunSignals extends Disposable {
  readonly signal: AbortSignal;
  abort(reason: KmkError): void;
}

/**
 * The first SIGINT or SIGTERM asks the work to stop (its step is finished or undone); a second SIGINT ends the process
 * at once with 130.
 */
export function listenForSignals(io: CliIo, onFirst: (text: string) => void): RunSignals {
  const controller = new AbortController();
  const abort = (reason: KmkError): void => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  let interrupts = 0;
  const onInterrupt = (): void => {
    interrupts += 1;
    if (interrupts > 1) {
      io.exit?.(130);
      return;
    }
    onFirst('stopping; press Ctrl-C again to stop at once');
    abort(new KmkError('KMK_INTERRUPTED', 'interrupted'));
  };
  const onTerminate = (): void => abort(new KmkError('KMK_TERMINATED', 'terminated'));
  io.signals?.on('SIGINT', onInterrupt);
  io.signals?.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]: () => {
      io.signals?.off('SIGINT', onInterrupt);
      io.signals?.off('SIGTERM', onTerminate);
    },
  };
}
