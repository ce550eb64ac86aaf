import { runWatch } from '../composition/watch.ts';
import type { WatchDocument } from '../domain/watch/document.ts';
import type { KmkOptions } from './options.ts';
import { withKmk } from './session.ts';

export interface WatchOptions extends KmkOptions {
  /** Failed checks in a row before the active cluster is dead. Default: `watch.checks` of the config. */
  readonly checks?: number;
  /** URLs of other watches that have to agree. Default: `watch.witnesses` of the config. */
  readonly witnesses?: readonly string[];
  /** Fail over when the active cluster is found dead. Default false. */
  readonly autoFailover?: boolean;
  /** Where metrics and health are served. Default 127.0.0.1 and a free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Told where they are served. */
  readonly onListen?: (url: string) => void;
  /** Told every check. */
  readonly onCheck?: (document: WatchDocument) => void;
}

/** `kmk watch`: watches until `signal` aborts, then rejects with its error. */
export function watch(options: WatchOptions): Promise<never> {
  return withKmk(options, 'watch', async ({ app, signal }) => {
    await app.requireLab();
    const { setup } = app;
    return runWatch(
      app,
      {
        checks: options.checks ?? setup.watch.checks,
        witnesses: options.witnesses ?? setup.watch.witnesses,
        autoFailover: options.autoFailover ?? false,
        listen: options.listen ?? { host: '127.0.0.1', port: 0 },
        onListen: options.onListen ?? (() => undefined),
        onCheck: options.onCheck ?? (() => undefined),
      },
      signal,
    );
  });
}
