import { createKafkaAdmin } from '../../src/kafka/kafka-admin.ts';
import type { LabRecord } from '../../src/domain/lab/lab-record.ts';
import type { CommittedOffset } from '../../src/domain/topic.ts';
import { eventually, kcat } from './kafka-tools.ts';
import type { KmkLab } from './kmk-lab.ts';
import { superUserOf } from './super-user.ts';

/** What a move leaves behind, in terms that do not depend on what happened before it. */
export interface EndState {
  readonly active: string;
  /** How often the active cluster changed. */
  readonly epochs: number;
  readonly promotion: string | null;
  /** Topics that waves have moved. */
  readonly moved: readonly string[];
  /** Connector states by the cluster whose worker answers, and states of tasks that are not in the connector's. */
  readonly connectors: Readonly<Record<string, readonly string[]>>;
  /** Clusters that answer and refuse writes to clients. */
  readonly fenced: readonly string[];
  /** Unread records of the group by cluster and topic: which partition a turn's keys go to is chance. */
  readonly unread: Readonly<Record<string, string>>;
}

/** Looks at a lab from outside: kcat for contents, Connect's own REST API, brokers for positions and ACLs. */
export class LabEye {
  readonly #lab: KmkLab;
  readonly #group: string;
  readonly #topics: readonly string[];

  constructor(lab: KmkLab, group: string, topics: readonly string[]) {
    this.#lab = lab;
    this.#group = group;
    this.#topics = topics;
  }

  async record(): Promise<LabRecord> {
    return JSON.parse(await this.#lab.read('lab/lab.json')) as LabRecord;
  }

  async #clientBootstrap(alias: string): Promise<string> {
    return `127.0.0.1:${(await this.record()).ports.brokers[alias]?.[0]?.client ?? 0}`;
  }

  async #admin(alias: string) {
    const { bootstrap, ...sasl } = await superUserOf(this.#lab, alias);
    return createKafkaAdmin({ bootstrap, clientId: 'kmk-test-eye', sasl });
  }

  /** Writes one record for each value, keyed by it where no partition is named, as a client that kmk did not write. */
  async write(alias: string, topic: string, values: readonly string[], partition?: number): Promise<void> {
    const input = values.map((value) => `${value}:${value}\n`).join('');
    const where = partition === undefined ? [] : ['-p', String(partition)];
    await kcat(['-b', await this.#clientBootstrap(alias), '-P', '-t', topic, '-K', ':', ...where], input);
  }

  /** Every value that the cluster holds of the topic, sorted; one that is there twice is twice in it. */
  async values(alias: string, topic: string): Promise<readonly string[]> {
    const text = await kcat(['-b', await this.#clientBootstrap(alias), '-C', '-t', topic, '-e', '-q']);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .toSorted();
  }

  /** Puts the group at the end of the topics, `unread` records of partition 0 before it. */
  async readAll(alias: string, topics: readonly string[], unread = 0n): Promise<void> {
    await using admin = await this.#admin(alias);
    const ends = await admin.logRanges(topics);
    const at = ends.map(({ topic, partition, start, end }): CommittedOffset => {
      const offset = partition === 0 && end - start > unread ? end - unread : end;
      return { topic, partition, offset, metadata: '' };
    });
    if (at.length > 0) await admin.commitOffsets(this.#group, at);
  }

  /** Resolves when the group stands at the end of these topics. */
  async groupAtEnd(alias: string, topics: readonly string[]): Promise<void> {
    await eventually(`the group at the end on "${alias}"`, async () => {
      const unread = await this.#unread(alias, topics);
      return unread.length > 0 && unread.every(([, left]) => left === '0') ? true : undefined;
    });
  }

  /** How things are now; `since` is the epoch from which moves are counted. */
  async state(since: number): Promise<EndState> {
    const { active, epoch, promotion, moved, ports } = await this.record();
    const epochs = epoch - since;
    const [fenced, unread, connectors]: [string[], [string, string][], Record<string, readonly string[]>] = [
      [],
      [],
      {},
    ];
    for (const alias of Object.keys(ports.brokers)) {
      const worker = await connectorsAt(ports.connect[alias] ?? 0);
      if (worker !== null) connectors[alias] = worker;
      if (!(await this.#answers(alias))) continue;
      await using admin = await this.#admin(alias);
      const rules = await admin.listAcls();
      if (rules.some(({ permission, operation }) => permission === 'DENY' && operation === 'WRITE')) fenced.push(alias);
      unread.push(...summed(await this.#unread(alias, this.#topics)));
    }
    const inForce = promotion === null ? null : `${promotion.from}->${promotion.to}`;
    return {
      ...{ active, epochs, connectors, fenced, unread: Object.fromEntries(unread) },
      moved: moved?.topics ?? [],
      promotion: promotion?.unfinished === true ? `${inForce ?? ''}, unfinished` : inForce,
    };
  }

  async #answers(alias: string): Promise<boolean> {
    return this.#lab
      .pidOf(`${alias}-broker-1`)
      .then(
        (pid) => process.kill(pid, 0),
        () => false,
      )
      .catch(() => false);
  }

  async #unread(alias: string, topics: readonly string[]): Promise<[string, string][]> {
    await using admin = await this.#admin(alias);
    const ranges = await admin.logRanges(topics);
    const committed = await admin.groupOffsets(this.#group);
    return ranges.map(({ topic, partition, start, end }) => {
      const at = committed.find((known) => known.topic === topic && known.partition === partition);
      // An empty log is read from its start either way; the flow's checkpoints come when they come.
      const position = at?.offset ?? (start === end ? end : null);
      return [`${alias} ${topic}-${partition}`, position === null ? 'no position' : (end - position).toString()];
    });
  }
}

/** Partitions of a topic together; one without a position stays what it is. */
function summed(rows: readonly (readonly [string, string])[]): [string, string][] {
  const sums = new Map<string, string>();
  for (const [at, unread] of rows) {
    const topic = at.slice(0, at.lastIndexOf('-'));
    const before = sums.get(topic) ?? '0';
    const known = /^\d+$/.test(before) && /^\d+$/.test(unread);
    sums.set(topic, known ? (BigInt(before) + BigInt(unread)).toString() : 'no position');
  }
  return [...sums];
}

interface ConnectorStatus {
  readonly status: {
    readonly connector: { readonly state: string };
    readonly tasks: readonly { readonly state: string }[];
  };
}

/** What the worker says of its connectors, sorted; null where none answers. */
async function connectorsAt(port: number): Promise<readonly string[] | null> {
  const response = await fetch(`http://127.0.0.1:${port}/connectors?expand=status`).catch(() => null);
  // While it starts it answers with a page of its web server.
  if (response?.ok !== true) return null;
  const known = (await response.json()) as Readonly<Record<string, ConnectorStatus>>;
  return Object.entries(known)
    .map(([name, { status }]) => {
      const { state } = status.connector;
      return [name, state, ...status.tasks.map((task) => task.state).filter((of) => of !== state)].join(' ');
    })
    .toSorted();
}
