import { flowId } from '../../domain/setup.ts';
import { standbyTakesWrites } from '../../domain/standby.ts';
import { nearestName } from '../../util/nearest.ts';
import { mismatch } from '../diagnostics.ts';
import type { Rule, RuleContext } from './rule.ts';

/** A flow names two different known aliases, once. */
export const flowAliases: Rule = (context) => {
  const { file, setup, refuse } = context;
  // Derived flows can only be wrong where `active` is, which has its own rule.
  if (file.replication?.flows === undefined) return;
  const seen = new Set<string>();
  for (const [index, flow] of setup.replication.flows.entries()) {
    const path = ['replication', 'flows', index] as const;
    for (const key of ['source', 'target'] as const) knownAlias(context, [...path, key], flow[key]);
    if (flow.source === flow.target) {
      refuse([...path, 'target'], mismatch(JSON.stringify(flow.target), 'another alias than the source'));
    }
    if (seen.has(flowId(flow))) refuse(path, mismatch(`a second flow ${flowId(flow)}`, 'one flow for each direction'));
    seen.add(flowId(flow));
  }
};

/** The active cluster is known; one that no flow reads has no standby. */
export const activeAlias: Rule = (context) => {
  const { setup, warn } = context;
  knownAlias(context, ['active'], setup.active);
  const isKnown = setup.clusters.some(({ alias }) => alias === setup.active);
  if (isKnown && !setup.replication.flows.some(({ source }) => source === setup.active)) {
    warn(['active'], `no flow reads the active cluster "${setup.active}": it has no standby`);
  }
};

function knownAlias({ setup, refuse }: RuleContext, path: readonly (string | number)[], alias: string): void {
  const known = setup.clusters.map((cluster) => cluster.alias);
  if (known.includes(alias)) return;
  const expected = `the alias of a cluster (${known.join(', ')})`;
  refuse(path, mismatch(JSON.stringify(alias), expected, nearestName(alias, known)), [['clusters']]);
}

/** Copies keep their names under the identity policy, so MM2 can not tell them from originals: a circle never ends. */
export const identityDirections: Rule = ({ setup, refuse }) => {
  const { policy, flows } = setup.replication;
  if (policy !== 'identity') return;
  for (const [index, flow] of flows.entries()) {
    const earlier = flows.slice(0, index);
    if (flow.source === flow.target || !reaches(earlier, flow.target, flow.source)) continue;
    const expected = 'one direction between clusters: the identity policy would copy records in a circle';
    refuse(['replication', 'flows', index], mismatch(`the flow ${flowId(flow)} and a way back`, expected), [
      ['replication', 'policy'],
    ]);
  }
};

function reaches(
  flows: readonly { readonly source: string; readonly target: string }[],
  from: string,
  to: string,
): boolean {
  const reached = new Set([from]);
  for (const alias of reached) {
    for (const flow of flows) if (flow.source === alias) reached.add(flow.target);
  }
  return reached.has(to);
}

/** What clients write on a standby is lost unless a flow of the setup carries it to the active cluster. */
export const standbyWrites: Rule = ({ setup, refuse }) => {
  if (!standbyTakesWrites(setup)) return;
  const { policy, flows } = setup.replication;
  const path = ['standby', 'writes'] as const;
  if (policy === 'identity') {
    refuse(path, mismatch('allowed', 'refused under the identity policy: a write there would mix two histories'), [
      ['replication', 'policy'],
    ]);
    return;
  }
  const oneWay = flows.find(
    ({ source, target }) => !flows.some((back) => back.source === target && back.target === source),
  );
  if (oneWay === undefined) return;
  const { source, target } = oneWay;
  refuse(
    path,
    mismatch('allowed', `refused, or a flow ${target}->${source}: nothing copies what is written on "${target}"`),
    [['replication', 'flows']],
  );
};

/** Only Connect can create a flow stopped and set where it starts. */
export const dedicatedMode: Rule = ({ setup, refuse, warn }) => {
  if (setup.replication.mode !== 'dedicated') return;
  const why = 'only Connect can start a flow at a given position (KIP-980, KIP-875)';
  warn(['replication', 'mode'], `failback is refused in dedicated mode: ${why}`);
  if (setup.faults.network) {
    const problem = mismatch('true', 'false in dedicated mode: its one mm2.properties is the same on every site');
    refuse(['faults', 'network'], problem, [['replication', 'mode']]);
  }
  for (const cluster of setup.clusters) {
    if (cluster.kind !== 'existing' || cluster.connectUrl === undefined) continue;
    refuse(
      ['clusters', cluster.alias, 'connect'],
      mismatch('a Connect cluster', 'none in dedicated mode, or replication.mode connect'),
      [['replication', 'mode']],
    );
  }
};

/** A wave moves something. */
export const waves: Rule = ({ setup, refuse }) => {
  for (const [index, wave] of setup.waves.entries()) {
    if (wave.topics.length + wave.groups.length === 0)
      refuse(['waves', index], mismatch('an empty wave', 'topics, groups or both'));
  }
};
