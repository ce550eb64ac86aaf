import type { Flow } from '../../domain/setup.ts';
import { nearestName } from '../../util/nearest.ts';
import type { DocumentPath } from '../diagnostics.ts';
import { mismatch } from '../diagnostics.ts';
import { isKnownOption, KNOWN_OPTIONS, OWNED_OPTIONS, RETIRED_OPTIONS, WIDENED_OPTIONS } from '../mm2-options.ts';
import type { Rule } from './rule.ts';

/** Option names of `config`: MM2 ignores what it does not know, so a wrong name would be silent. */
export const optionNames: Rule = ({ setup, refuse, warn }) => {
  for (const [index, flow] of setup.replication.flows.entries()) {
    for (const option of Object.keys(flow.config)) {
      const at: DocumentPath = ['replication', 'flows', index, 'config', option];
      const retired = RETIRED_OPTIONS.get(option);
      const owned = OWNED_OPTIONS.get(option);
      const widened = WIDENED_OPTIONS.get(option);
      if (retired !== undefined) refuse(at, `the retired name "${option}", ${retired}`);
      else if (owned !== undefined) refuse(at, `"${option}" is set by kmk, ${owned}`);
      else if (widened !== undefined) warn(at, widened);
      else if (!isKnownOption(option)) {
        const nearest = nearestName(option, KNOWN_OPTIONS);
        warn(at, `MM2 has no option "${option}"${nearest === null ? '' : `, did you mean "${nearest}"?`}`);
      }
    }
  }
};

/** Group sync commits what checkpoints say, and checkpoints translate by offset syncs. */
export const groupSync: Rule = ({ setup, refuse }) => {
  for (const [index, flow] of setup.replication.flows.entries()) {
    const at = (option: string): DocumentPath => ['replication', 'flows', index, 'config', option];
    const needs = (option: string, needed: string, what: string): void => {
      const interval = needed.replace(/enabled$/, 'interval.seconds');
      if (isOff(flow, option) || (!isOff(flow, needed) && !(Number(flow.config[interval] ?? 0) < 0))) return;
      const culprit = isOff(flow, needed) ? needed : interval;
      const problem = `is "${flow.config[culprit] ?? ''}", but ${what} need it: leave it on or set "${option}" to false`;
      refuse(at(culprit), problem, [at(option)]);
    };
    needs('sync.group.offsets.enabled', 'emit.checkpoints.enabled', 'synced group offsets');
    needs('emit.checkpoints.enabled', 'emit.offset-syncs.enabled', 'checkpoints');
  }
};

function isOff(flow: Flow, option: string): boolean {
  return flow.config[option]?.trim().toLowerCase() === 'false';
}

/** On which side of the flow the topics of a replication factor are. */
const FACTORS = [
  ['replication.factor', 'target'],
  ['checkpoints.topic.replication.factor', 'target'],
  ['offset-syncs.topic.replication.factor', 'target'],
  ['heartbeats.topic.replication.factor', 'source'],
] as const;

/** A topic can not have more replicas than its cluster has brokers; -1 leaves it to the brokers. */
export const replicationFactors: Rule = ({ setup, refuse }) => {
  for (const [index, flow] of setup.replication.flows.entries()) {
    for (const [option, side] of FACTORS) {
      const value = flow.config[option];
      if (value === undefined) continue;
      const at: DocumentPath = ['replication', 'flows', index, 'config', option];
      const syncsAtSource =
        option.startsWith('offset-syncs') && flow.config['offset-syncs.topic.location'] === 'source';
      const alias = syncsAtSource ? flow.source : flow[side];
      const cluster = setup.clusters.find((candidate) => candidate.alias === alias);
      const factor = /^-?\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
      if (factor !== -1 && !(factor >= 1)) refuse(at, mismatch(JSON.stringify(value), 'a whole number from 1, or -1'));
      else if (cluster?.kind === 'lab' && factor > cluster.brokers) {
        const expected = `at most ${cluster.brokers}, the number of brokers of cluster "${alias}"`;
        refuse(at, mismatch(value, expected), [['clusters', alias, 'brokers']]);
      }
    }
  }
};
