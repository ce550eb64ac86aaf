export type ConnectorState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'UNASSIGNED' | 'RESTARTING';

export interface ConnectorReport {
  readonly name: string;
  readonly state: ConnectorState;
  readonly trace: string | null;
  readonly tasks: readonly { readonly id: number; readonly state: ConnectorState; readonly trace: string | null }[];
}

/** One row of a connector's positions, as KIP-875 gives it: source partition and source offset. */
export interface ConnectorPosition {
  readonly partition: Readonly<Record<string, string | number>>;
  /** null removes the row. */
  readonly offset: Readonly<Record<string, string | number>> | null;
}

/**
 * The Connect REST API of one worker. KMK_CONNECT_UNREACHABLE when it does not answer, KMK_CONNECT_REQUEST with
 * context.status otherwise. Only 409 (rebalance in progress) is retried.
 */
export interface ConnectApi {
  workerInfo(signal?: AbortSignal): Promise<{ readonly version: string; readonly clusterId: string }>;
  /** Answers or fails within two seconds: the question whether the worker is up. */
  connectors(signal?: AbortSignal): Promise<readonly string[]>;
  /** Creates it in the given state (KIP-980) unless it exists; true when it was created. */
  create(
    name: string,
    config: Readonly<Record<string, string>>,
    initialState: 'RUNNING' | 'STOPPED',
    signal?: AbortSignal,
  ): Promise<boolean>;
  putConfig(name: string, config: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
  config(name: string, signal?: AbortSignal): Promise<Readonly<Record<string, string>> | null>;
  /** null for a connector that does not exist. */
  report(name: string, signal?: AbortSignal): Promise<ConnectorReport | null>;
  pause(name: string, signal?: AbortSignal): Promise<void>;
  resume(name: string, signal?: AbortSignal): Promise<void>;
  /** Shuts the tasks down and keeps the connector (KIP-875). */
  stop(name: string, signal?: AbortSignal): Promise<void>;
  restart(name: string, signal?: AbortSignal): Promise<void>;
  delete(name: string, signal?: AbortSignal): Promise<void>;
  positions(name: string, signal?: AbortSignal): Promise<readonly ConnectorPosition[]>;
  /** The connector must be STOPPED. */
  setPositions(name: string, rows: readonly ConnectorPosition[], signal?: AbortSignal): Promise<void>;
  resetPositions(name: string, signal?: AbortSignal): Promise<void>;
}
