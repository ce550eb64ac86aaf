/**
 * The DR setup that kmk.yaml describes, after defaults: total types, nothing optional that has a default.
 * config/ produces it; everything else reads it.
 */
export type RuntimeChoice = 'auto' | 'docker' | 'local';
/** What a lab really runs on. */
export type RuntimeName = Exclude<RuntimeChoice, 'auto'>;
export type ReplicationMode = 'connect' | 'dedicated';
export type PolicyName = 'default' | 'identity';
export type ProfileName = 'lab' | 'production';

export interface Sasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';
  /** Secret references (`${env:NAME}` or `${file:PATH:KEY}`), never literals outside a lab. */
  readonly username?: string;
  readonly password?: string;
}

export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly truststore?: string;
  readonly keystore?: string;
  readonly verifyHostname: boolean;
}

export interface Security {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly sasl?: Sasl;
  readonly tls?: Tls;
}

/** A cluster that kmk starts and stops. */
export interface LabCluster {
  readonly kind: 'lab';
  readonly alias: string;
  /** 1..5 */
  readonly brokers: number;
  /** The first broker's client port; "auto" lets deploy pick a free one. */
  readonly port: number | 'auto';
  readonly advertisedHost?: string;
}

/** A cluster that exists already: kmk never starts or stops it. */
export interface ExistingCluster {
  readonly kind: 'existing';
  readonly alias: string;
  readonly bootstrap: readonly string[];
  readonly clusterId?: string;
  readonly security: Security;
  readonly connectUrl?: string;
}

export type Cluster = LabCluster | ExistingCluster;

/** One directed replication flow, `source->target`. */
export interface Flow {
  readonly source: string;
  readonly target: string;
  /** Java regular expressions, as MM2 takes them. */
  readonly topics: readonly string[];
  readonly topicsExclude: readonly string[];
  readonly groups: readonly string[];
  readonly groupsExclude: readonly string[];
  /** MM2 connector options by their own names, applied last. */
  readonly config: Readonly<Record<string, string>>;
}

export interface Objectives {
  /** Tolerated loss at the failover, before the tail is resolved. */
  readonly lossRecords: number;
  readonly recoveryMs: number;
  readonly redelivered: number;
}

export interface FaultPreparation {
  /** Local runtime: a gate stands before each site, through which everybody else reaches it. */
  readonly network: boolean;
  /** MiB of each broker's own disk; 0: the machine's disk. */
  readonly diskMb: number;
}

export interface KafkaLine {
  /** For example "4.3.1". */
  readonly version: string;
  readonly distribution: 'apache' | 'confluent';
  readonly mode: 'kraft' | 'zookeeper';
}

/** Whether clients may write on a cluster that is not active. */
export type StandbyWrites = 'refused' | 'allowed';

export interface Replication {
  readonly mode: ReplicationMode;
  readonly policy: PolicyName;
  readonly separator: string;
  /** Whether names of MM2's internal topics use the separator; records of labs from before this key lack it: they do. */
  readonly internalSeparator?: boolean;
  readonly profile: ProfileName;
  readonly flows: readonly Flow[];
}

export interface Setup {
  readonly name: string;
  readonly runtime: RuntimeChoice;
  readonly kafka: KafkaLine;
  /** In the order of the file; the first is the default active one. */
  readonly clusters: readonly Cluster[];
  readonly replication: Replication;
  readonly active: string;
  readonly ui: { readonly enabled: boolean; readonly port: number };
  /** Images that replace the official ones: a mirror, another tag, a digest. */
  readonly images: { readonly [key in 'kafka' | 'connect' | 'zookeeper' | 'ui' | 'network']?: string | undefined };
  /** What a lab is prepared for, so that it can be done to it later. */
  readonly faults: FaultPreparation;
  readonly objectives: Objectives;
  /** Records of labs from before this key lack it: refused. */
  readonly standby?: { readonly writes: StandbyWrites };
  readonly fence: { readonly strategies: readonly string[]; readonly principals: readonly string[] };
  readonly waves: readonly { readonly topics: readonly string[]; readonly groups: readonly string[] }[];
  readonly watch: { readonly checks: number; readonly witnesses: readonly string[] };
  /** `before-`, `after-` or `undo-` and a step's id -> argv lists, never shell strings. */
  readonly hooks: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** What holds for every hook; records of labs from before this key lack it. */
  readonly hookPolicy?: { readonly timeoutMs: number; readonly onFailure: 'stop' | 'continue' };
}

/** `source->target`, as MM2 prints it. */
export function flowId(flow: { readonly source: string; readonly target: string }): string {
  return `${flow.source}->${flow.target}`;
}
