import { aliases, clusterKinds, distinctClusters, kafkaLine, ports } from './cluster-rules.ts';
import { activeAlias, dedicatedMode, flowAliases, identityDirections, standbyWrites, waves } from './flow-rules.ts';
import { groupSync, optionNames, replicationFactors } from './option-rules.ts';
import { hookFence, hookSteps } from './hook-rules.ts';
import { hiddenNames, patterns } from './pattern-rules.ts';
import type { Rule } from './rule.ts';
import { clusterSecrets, optionSecrets, securityParts } from './security-rules.ts';

/** Every rule that needs more than one value, or more than a schema can say. */
export const RULES: readonly Rule[] = [
  kafkaLine,
  clusterKinds,
  aliases,
  ports,
  distinctClusters,
  clusterSecrets,
  securityParts,
  flowAliases,
  activeAlias,
  identityDirections,
  dedicatedMode,
  standbyWrites,
  patterns,
  hiddenNames,
  optionNames,
  optionSecrets,
  groupSync,
  replicationFactors,
  waves,
  hookFence,
  hookSteps,
];
