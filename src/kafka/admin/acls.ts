import type { AclRule } from '../../domain/fence.ts';
import { pause } from '../client/abortable.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { check } from '../client/failures.ts';
import type { BrokerLink } from '../client/link.ts';
import { CREATE_ACLS } from '../wire/api/create-acls.ts';
import { DELETE_ACLS } from '../wire/api/delete-acls.ts';
import { DESCRIBE_ACLS } from '../wire/api/describe-acls.ts';
import { controller } from './topics.ts';

/** Codes of ResourceType, PatternType, AclOperation and AclPermissionType. */
const TOPIC = 2;
const LITERAL = 3;
const PREFIXED = 4;
const ANY = 1;
const OPERATIONS = {
  ...{ ALL: 2, READ: 3, WRITE: 4, CREATE: 5, DELETE: 6, ALTER: 7, DESCRIBE: 8 },
  ...{ DESCRIBE_CONFIGS: 10, ALTER_CONFIGS: 11 },
} as const satisfies Readonly<Record<AclRule['operation'], number>>;
const PERMISSIONS = { DENY: 2, ALLOW: 3 } as const;

const EFFECTIVE_WITHIN_MS = 10_000;
const POLL_MS = 20;

/** Adds the rules for every host; returns when every broker that answers enforces them. */
export async function createAcls(
  cluster: ClusterClient,
  rules: readonly AclRule[],
  signal?: AbortSignal,
): Promise<void> {
  if (rules.length === 0) return;
  await cluster.retrying(signal, async () => {
    const { results } = await (
      await controller(cluster)
    ).request(CREATE_ACLS, {
      creations: rules.map((rule) => ({
        resourceType: TOPIC,
        resourceName: rule.topic,
        resourcePatternType: rule.prefixed === true ? PREFIXED : LITERAL,
        principal: rule.principal,
        host: '*',
        operation: OPERATIONS[rule.operation],
        permissionType: PERMISSIONS[rule.permission],
      })),
    });
    for (const { errorCode, errorMessage } of results) check(errorCode, 'create ACLs', errorMessage);
  });
  await untilEverywhere(cluster, signal, (present) => rules.every((rule) => present.has(key(rule))));
}

/** Removes the rules; those that do not exist are no error. */
export async function deleteAcls(
  cluster: ClusterClient,
  rules: readonly AclRule[],
  signal?: AbortSignal,
): Promise<void> {
  if (rules.length === 0) return;
  await cluster.retrying(signal, async () => {
    const { filterResults } = await (
      await controller(cluster)
    ).request(DELETE_ACLS, {
      filters: rules.map((rule) => ({
        resourceTypeFilter: TOPIC,
        resourceNameFilter: rule.topic,
        patternTypeFilter: rule.prefixed === true ? PREFIXED : LITERAL,
        principalFilter: rule.principal,
        hostFilter: '*',
        operation: OPERATIONS[rule.operation],
        permissionType: PERMISSIONS[rule.permission],
      })),
    });
    for (const { errorCode, errorMessage } of filterResults) check(errorCode, 'delete ACLs', errorMessage);
  });
  await untilEverywhere(cluster, signal, (present) => !rules.some((rule) => present.has(key(rule))));
}

/** Literal and prefixed topic rules for every host with an operation that AclRule knows. */
export async function listAcls(cluster: ClusterClient, signal?: AbortSignal): Promise<readonly AclRule[]> {
  return cluster.retrying(signal, async () => rulesOf(await controller(cluster)));
}

async function rulesOf(link: BrokerLink): Promise<readonly AclRule[]> {
  const response = await link.request(DESCRIBE_ACLS, {
    resourceTypeFilter: TOPIC,
    resourceNameFilter: null,
    patternTypeFilter: ANY,
    principalFilter: null,
    hostFilter: '*',
    operation: ANY,
    permissionType: ANY,
  });
  check(response.errorCode, 'list ACLs', response.errorMessage);
  return response.resources.flatMap(({ resourceName: topic, patternType, acls }) =>
    acls.flatMap(({ principal, operation, permissionType }) => {
      const known = nameOf(OPERATIONS, operation);
      const permission = nameOf(PERMISSIONS, permissionType);
      return known === undefined || permission === undefined
        ? []
        : [{ principal, permission, operation: known, topic, ...(patternType === PREFIXED ? { prefixed: true } : {}) }];
    }),
  );
}

function nameOf<Name extends string>(codes: Readonly<Record<Name, number>>, code: number): Name | undefined {
  return (Object.keys(codes) as Name[]).find((name) => codes[name] === code);
}

function key(rule: AclRule): string {
  return JSON.stringify([rule.principal, rule.permission, rule.operation, rule.topic, rule.prefixed === true]);
}

/** With KRaft every broker learns of ACLs by itself, a moment after the controller took them. */
async function untilEverywhere(
  cluster: ClusterClient,
  signal: AbortSignal | undefined,
  holds: (present: ReadonlySet<string>) => boolean,
): Promise<void> {
  const deadline = performance.now() + EFFECTIVE_WITHIN_MS;
  while (performance.now() < deadline) {
    const { brokers } = await cluster.metadata([]);
    const views = await Promise.allSettled(brokers.map(async ({ nodeId }) => rulesOf(await cluster.node(nodeId))));
    if (views.every((view) => view.status === 'rejected' || holds(new Set(view.value.map(key))))) return;
    await pause(POLL_MS, signal);
  }
}
