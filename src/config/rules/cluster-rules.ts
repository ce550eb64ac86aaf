import type { DocumentPath } from '../diagnostics.ts';
import { mismatch } from '../diagnostics.ts';
import { clusterEntries } from '../normalise.ts';
import type { Rule, RuleContext } from './rule.ts';

const OF_LAB = ['brokers', 'port', 'advertisedHost'] as const;
const OF_EXISTING = ['clusterId', 'security', 'connect'] as const;

/** Words that `--cluster` takes besides aliases. */
const ROLES = new Set(['active', 'standby', 'source', 'target', 'secondary']);

/** A cluster is kmk's own (brokers, port) or exists already (bootstrap): never half of each. */
export const clusterKinds: Rule = ({ file, refuse }) => {
  for (const [alias, cluster] of clusterEntries(file)) {
    const existing = cluster.bootstrap !== undefined;
    for (const key of existing ? OF_LAB : OF_EXISTING) {
      if (cluster[key] === undefined) continue;
      const problem = existing
        ? `"${key}" is for clusters that kmk starts, but "${alias}" has bootstrap: remove one of them`
        : `"${key}" is for clusters that exist already, but "${alias}" has no bootstrap: add it or remove "${key}"`;
      refuse(['clusters', alias, key], problem, [['clusters', alias, 'bootstrap']]);
    }
  }
};

/** Aliases must be told apart from the topic behind them, and from roles. */
export const aliases: Rule = ({ setup, refuse, warn }) => {
  const { separator } = setup.replication;
  for (const { alias } of setup.clusters) {
    if (alias.includes(separator)) {
      const problem = mismatch(JSON.stringify(separator), `a separator that is not part of the alias "${alias}"`);
      refuse(['replication', 'separator'], problem, [['clusters']]);
    }
    if (ROLES.has(alias))
      warn(['clusters', alias], `"${alias}" is also a role: \`--cluster ${alias}\` means this cluster`);
  }
};

/** A port may be used once. Derived ports are replaced at deploy; only given ones can clash. */
export const ports: Rule = ({ file, setup, refuse }) => {
  const used = new Map<number, string>();
  const use = (path: DocumentPath, port: number | 'auto' | undefined, owner: string): void => {
    if (typeof port !== 'number') return;
    const other = used.get(port);
    if (other === undefined) used.set(port, owner);
    else refuse(path, mismatch(String(port), `a port that is used once: ${other} has it`), [['clusters'], ['ui']]);
  };
  for (const [alias, cluster] of clusterEntries(file))
    use(['clusters', alias, 'port'], cluster.port, `cluster "${alias}"`);
  if (setup.ui.enabled) use(['ui', 'port'], file.ui?.port, 'the UI');
};

/** The same cluster under two aliases would be mirrored into itself. */
export const distinctClusters: Rule = ({ setup, refuse }) => {
  const seen = new Map<string, string>();
  for (const cluster of setup.clusters) {
    if (cluster.kind !== 'existing') continue;
    const { alias, bootstrap, clusterId } = cluster;
    const marks: readonly (readonly [key: string, mark: string])[] = [
      ['bootstrap', bootstrap.toSorted().join(',')],
      ...(clusterId === undefined ? [] : [['clusterId', clusterId] as const]),
    ];
    for (const [key, mark] of marks) {
      const other = seen.get(`${key} ${mark}`);
      if (other !== undefined)
        refuse(['clusters', alias, key], mismatch(JSON.stringify(mark), `another one than that of cluster "${other}"`));
      seen.set(`${key} ${mark}`, alias);
    }
  }
};

/** Kafka lines: ZooKeeper mode ended with 3.9, and Confluent 7.9 is Kafka 3.9. */
export const kafkaLine: Rule = ({ setup, refuse, warn }: RuleContext) => {
  const { version, distribution, mode } = setup.kafka;
  const about: readonly DocumentPath[] = [['kafka']];
  if (!version.startsWith('3.9.')) {
    if (mode === 'zookeeper')
      refuse(
        ['kafka', 'mode'],
        mismatch('"zookeeper"', `kraft with Kafka ${version}: zookeeper needs kafka.version "3.9.2"`),
        about,
      );
    if (distribution === 'confluent')
      refuse(
        ['kafka', 'distribution'],
        mismatch('"confluent"', `apache with Kafka ${version}: confluent is 7.9 and needs kafka.version "3.9.2"`),
        about,
      );
  }
  if (version !== '4.3.1' && version !== '3.9.2')
    warn(['kafka', 'version'], `Kafka ${version} is not tested, 4.3.1 and 3.9.2 are`);
};
