import type { AclRule } from '../ports/kafka-admin.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

/** An ALLOW for everyone must stand beside the DENY: one ACL on a resource ends allow.everyone.if.no.acl.found. */
const ALLOW: AclRule = { principal: 'User:*', permission: 'ALLOW', operation: 'ALL', topic: '*' };
const DENY: AclRule = { principal: 'User:ANONYMOUS', permission: 'DENY', operation: 'WRITE', topic: '*' };

/** Brokers apply an ACL when the metadata log reaches them: milliseconds in a lab. */
const PROPAGATION_LIMIT_MS = 15_000;

/** The topics that a fence stands around; null: every topic of the cluster, also one that is created later. */
export type Fenced = readonly string[] | null;

/** Refuses client writes on the cluster, without a restart; kmk and MM2 (super users) and readers go on. */
export async function fenceCluster(lab: Lab, alias: string, signal: AbortSignal, topics: Fenced = null): Promise<void> {
  await readyFence(lab, alias, signal);
  await (await adminOf(lab, alias)).createAcls(rulesOf(topics), signal);
  await awaitFence(lab, alias, { topics, up: true }, signal);
}

/** What the fence needs and refuses nobody: done beforehand, the fence is up the sooner. */
export async function readyFence(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const admin = await adminOf(lab, alias);
  if ((await admin.listAcls(signal)).some((rule) => sameRule(rule, ALLOW))) return;
  await admin.createAcls([ALLOW], signal);
}

/** Lets clients write again; a fence around single topics stays where that of the whole cluster is opened. */
export async function openCluster(lab: Lab, alias: string, signal: AbortSignal, topics: Fenced = null): Promise<void> {
  await (await adminOf(lab, alias)).deleteAcls(rulesOf(topics), signal);
  await awaitFence(lab, alias, { topics, up: false }, signal);
}

/** Lets clients write on every topic again, whatever fences stood. */
export async function openWholly(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  const rules = await (await adminOf(lab, alias)).listAcls(signal);
  const single = rules.filter((rule) => rule.topic !== '*' && sameRule(rule, denyOf(rule.topic)));
  if (single.length > 0) {
    await openCluster(
      lab,
      alias,
      signal,
      single.map(({ topic }) => topic),
    );
  }
  await openCluster(lab, alias, signal);
}

/** Whether the fence around all these topics is up. */
export async function isFenced(lab: Lab, alias: string, signal: AbortSignal, topics: Fenced = null): Promise<boolean> {
  const rules = await (await adminOf(lab, alias)).listAcls(signal);
  return rulesOf(topics).every((wanted) => rules.some((rule) => sameRule(rule, wanted)));
}

async function awaitFence(
  lab: Lab,
  alias: string,
  { topics, up }: { readonly topics: Fenced; readonly up: boolean },
  signal: AbortSignal,
): Promise<void> {
  const wanted = rulesOf(topics);
  await waitUntil(
    lab.tools.clock,
    {
      what: `the fence of "${alias}" to be ${up ? 'up' : 'down'}`,
      timeoutMs: PROPAGATION_LIMIT_MS,
      probe: async () => {
        const rules = await (await adminOf(lab, alias)).listAcls(signal);
        const there = wanted.filter((one) => rules.some((rule) => sameRule(rule, one)));
        return there.length === (up ? wanted.length : 0) ? done(undefined) : pending(`${there.length} rules`);
      },
    },
    signal,
  );
}

function rulesOf(topics: Fenced): readonly AclRule[] {
  return topics === null ? [DENY] : topics.map(denyOf);
}

function denyOf(topic: string): AclRule {
  return { ...DENY, topic };
}

function sameRule(a: AclRule, b: AclRule): boolean {
  return (
    a.principal === b.principal && a.permission === b.permission && a.operation === b.operation && a.topic === b.topic
  );
}
