import type { WatchDocument } from '../../domain/watch/document.ts';

export interface Listen {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

export interface WatchEndpoint extends AsyncDisposable {
  /** `http://host:port`. */
  readonly url: string;
}

/**
 * Serves what a watch knows: /metrics for Prometheus, /health/live, /health/ready, /status as a kmk.watch/v1 document.
 * `latest` is null until the first check is done. Throws KMK_ENV_PORT_TAKEN.
 */
export type ServeWatch = (listen: Listen, latest: () => WatchDocument | null) => Promise<WatchEndpoint>;

/** Asks another watch for its last check; null where it does not answer with one within `timeoutMs`. */
export type AskWitness = (url: string, timeoutMs: number, signal: AbortSignal) => Promise<WatchDocument | null>;
