import type { AclRule } from '../ports/kafka-admin.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

/** An ALLOW for everyone must stand beside the DENY: one ACL on a resource ends allow.everyone.if.no.acl.found. */
const ALLOW: AclRule = { principal: 'User:*', permission: 'ALLOW', operation: 'ALL', topic: '*' };
const DENY: AclRule = { principal: 'User:ANONYMOUS', permission: 'DENY', operation: 'WRITE', topic: '*' };

/** Brokers apply an ACL when the metadata log reaches them: milliseconds in a lab. */
const PROPAGATION_LIMIT_MS = 15_000;

/** Refuses every client write on the cluster, without a restart; kmk and MM2 (super users) and readers go on. */
export async function fenceCluster(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  await readyFence(lab, alias, signal);
  await (await adminOf(lab, alias)).createAcls([DENY], signal);
  await awaitFence(lab, alias, true, signal);
}

/** What the fence needs and refuses nobody: done beforehand, the fence is up the sooner. */
export async function readyFence(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(lab, alias);
  if ((await admin.listAcls(signal)).some((rule) => sameRule(rule, ALLOW))) return;
  await admin.createAcls([ALLOW], signal);
}

/** Lets clients write again. */
export async function openCluster(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(lab, alias);
  await admin.deleteAcls([DENY], signal);
  await awaitFence(lab, alias, false, signal);
}

export async function isFenced(lab: Lab, alias: string, signal: AbortSignal): Promise<boolean> {
  const rules = await (await adminOf(lab, alias)).listAcls(signal);
  return rules.some((rule) => sameRule(rule, DENY));
}

async function awaitFence(lab: Lab, alias: string, fenced: boolean, signal: AbortSignal): Promise<void> {
  await waitUntil(
    lab.tools.clock,
    {
      what: `the fence of "${alias}" to be ${fenced ? 'up' : 'down'}`,
      timeoutMs: PROPAGATION_LIMIT_MS,
      probe: async () =>
        (await isFenced(lab, alias, signal)) === fenced ? done(undefined) : pending('the other state'),
    },
    signal,
  );
}

function sameRule(a: AclRule, b: AclRule): boolean {
  return (
    a.principal === b.principal && a.permission === b.permission && a.operation === b.operation && a.topic === b.topic
  );
}
