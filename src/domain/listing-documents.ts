import type { GroupType } from './consumer-group.ts';
import type { FlowStatus } from './documents.ts';
import type { GroupCarriage } from './group-carriage.ts';

/** The JSON documents of the everyday listings: fields only grow. Offsets are decimal strings, counts numbers. */
interface ClusterViewFields {
  readonly alias: string;
  readonly role: 'active' | 'standby';
  readonly reachable: boolean;
  readonly error: string | null;
}

export interface TopicsDocument {
  readonly schema: 'kmk.topics/v1';
  readonly clusters: readonly ClusterViewFields[];
  /** One row per original topic with its copies; `source` is null where names do not tell (identity policy). */
  readonly topics: readonly {
    readonly topic: string;
    readonly source: string | null;
    readonly copies: readonly {
      readonly cluster: string;
      readonly topic: string;
      readonly partitions: number;
      readonly replicationFactor: number;
      /** Log end minus log start: markers and compacted offsets count too. */
      readonly records: number;
      readonly internal: boolean;
    }[];
  }[];
}

export interface TopicDocument {
  readonly schema: 'kmk.topic/v1';
  readonly topic: string;
  readonly clusters: readonly ClusterViewFields[];
  readonly copies: readonly {
    readonly cluster: string;
    readonly topic: string;
    readonly replicationFactor: number;
    readonly config: Readonly<Record<string, string>>;
    readonly partitions: readonly {
      readonly partition: number;
      readonly leader: number;
      readonly replicas: readonly number[];
      readonly isr: readonly number[];
      readonly start: string;
      readonly end: string;
    }[];
  }[];
}

/** Answer of `topic create` and `topic delete`. */
export interface TopicChangeDocument {
  readonly schema: 'kmk.topic-change/v1';
  readonly cluster: string;
  readonly created: readonly string[];
  readonly deleted: readonly string[];
}

export interface GroupsDocument {
  readonly schema: 'kmk.groups/v1';
  readonly clusters: readonly ClusterViewFields[];
  readonly groups: readonly {
    readonly group: string;
    /** Whether MM2 carries its positions, for each flow from a cluster that has it. */
    readonly carriage?: readonly GroupCarriage[];
    readonly on: readonly {
      readonly cluster: string;
      readonly type: GroupType;
      readonly state: string;
      readonly members: number;
      /** Partitions with a commit. */
      readonly partitions: number;
      /** Records between the commits and the log ends. */
      readonly lag: number;
    }[];
  }[];
}

export interface GroupDocument {
  readonly schema: 'kmk.group/v1';
  readonly group: string;
  readonly clusters: readonly ClusterViewFields[];
  readonly on: readonly {
    readonly cluster: string;
    readonly exists: boolean;
    readonly type: GroupType;
    readonly state: string;
    readonly members: readonly { readonly memberId: string; readonly clientId: string; readonly host: string }[];
    readonly partitions: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly committed: string;
      /** null where the topic is gone. */
      readonly end: string | null;
      readonly lag: number | null;
    }[];
  }[];
}

export interface GroupResetDocument {
  readonly schema: 'kmk.group-reset/v1';
  readonly cluster: string;
  readonly group: string;
  /** False for a dry run. */
  readonly committed: boolean;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly previous: string | null;
    readonly offset: string;
  }[];
}

export interface FlowsDocument {
  readonly schema: 'kmk.flows/v1';
  readonly flows: readonly FlowStatus[];
}

export interface FlowDocument {
  readonly schema: 'kmk.flow/v1';
  readonly flow: FlowStatus;
  /** Whole traces of what FAILED, which `flow.connectors` shortens to a line. */
  readonly traces: readonly { readonly connector: string; readonly task: number | null; readonly trace: string }[];
  /** Next source offset MM2 reads and the source's end; null where they cannot be read. */
  readonly partitions:
    | readonly {
        readonly topic: string;
        readonly partition: number;
        readonly position: string;
        readonly end: string;
        readonly lag: number;
      }[]
    | null;
  /** What does not work in this mode. */
  readonly limits: readonly string[];
}
