import { failover } from '../app/failover/failover.ts';
import type { Listen } from '../app/ports/watch-endpoint.ts';
import { watch } from '../app/watch/watch.ts';
import type { WatchDocument } from '../domain/watch/document.ts';
import { askWitness } from '../serve/ask-witness.ts';
import { serveWatch } from '../serve/watch-endpoint.ts';
import type { App } from './app.ts';

export interface WatchOptions {
  readonly checks: number;
  readonly witnesses: readonly string[];
  /** Fail over when the source is found dead. */
  readonly autoFailover: boolean;
  readonly listen: Listen;
  /** Told once, when it is served. */
  readonly onListen: (url: string) => void;
  readonly onCheck: (document: WatchDocument) => void;
}

/** Watches the lab until the signal aborts, and serves what it sees meanwhile. Throws KMK_ENV_PORT_TAKEN. */
export async function runWatch(app: App, options: WatchOptions, signal: AbortSignal): Promise<never> {
  let latest: WatchDocument | null = null;
  await using endpoint = await serveWatch(options.listen, () => latest);
  options.onListen(endpoint.url);
  const failOver = () =>
    app.run(
      // The watch has waited until its heartbeats had stopped.
      async (run) =>
        failover(await app.requireLab(run.tools), { simulate: null, force: false, gone: true }, run, signal),
      { report: true },
    );
  return await watch(
    app.tools,
    {
      checks: options.checks,
      witnesses: options.witnesses,
      askWitness,
      failOver: options.autoFailover ? failOver : null,
      onCheck: (document) => {
        latest = document;
        options.onCheck(document);
      },
    },
    signal,
  );
}
