import type { Fence } from '../../domain/fence.ts';
import { changesTo, fenceOf, isClosed, OPEN } from '../../domain/fence.ts';
import { movedNow } from '../../domain/plan/part.ts';
import { CANARY_TOPIC } from '../../domain/replication-policy.ts';
import type { Flow } from '../../domain/setup.ts';
import { standbyTakesWrites } from '../../domain/standby.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';
import { done, pending, waitUntil } from '../wait-until.ts';

/** Brokers apply an ACL when the metadata log reaches them: milliseconds in a lab. */
const PROPAGATION_LIMIT_MS = 15_000;

/** The topics that a fence stands around; null: every topic of the cluster, also one that is created later. */
export type Fenced = readonly string[] | null;

/** Refuses client writes on the cluster, without a restart; kmk and MM2 (super users) and readers go on. */
export async function fenceCluster(lab: Lab, alias: string, signal: AbortSignal, topics: Fenced = null): Promise<void> {
  await change(lab, alias, signal, (now) =>
    topics === null
      ? { ...now, whole: true, only: null }
      : { ...now, refused: [...new Set([...now.refused, ...topics])] },
  );
}

/** What the fence needs and refuses nobody: done beforehand, the fence is up the sooner. */
export async function readyFence(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  await change(lab, alias, signal, (now) => now);
}

/** Lets clients write again; a fence around single topics stays where that of the whole cluster is opened. */
export async function openCluster(lab: Lab, alias: string, signal: AbortSignal, topics: Fenced = null): Promise<void> {
  await change(lab, alias, signal, (now) =>
    topics === null
      ? { ...now, whole: false }
      : { ...now, refused: now.refused.filter((topic) => !topics.includes(topic)) },
  );
}

/** Lets clients write on every topic again, whatever fences stood. */
export async function openWholly(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  await change(lab, alias, signal, () => OPEN);
}

/**
 * Lets clients write on every topic of a cluster that was promoted, but for the copies on it, as far as names tell them:
 * a record in a copy goes on no flow, and would be lost by the way back.
 */
export async function openPromoted(lab: Lab, { source, target }: Flow, signal: AbortSignal): Promise<void> {
  const { policy } = lab.layout;
  const prefixes = policy.name === 'identity' ? [] : [policy.remoteTopic(source, '')];
  await change(lab, target, signal, () => ({ ...OPEN, prefixes }));
}

/**
 * Lets clients write on what has moved to a closed standby, and on nothing else, nor on what is created there later. One
 * that takes writes is open already.
 */
export async function openMoved(lab: Lab, signal: AbortSignal): Promise<void> {
  const moved = movedNow(lab.record);
  if (moved === null || standbyTakesWrites(lab.record.setup)) return;
  const only = [...moved.topics, CANARY_TOPIC];
  await change(lab, moved.to, signal, () => ({ ...OPEN, only }));
}

/** Refuses client writes on a cluster that clients have left, unless the setup lets them write on a standby. */
export async function closeStandby(lab: Lab, alias: string, signal: AbortSignal): Promise<void> {
  if (standbyTakesWrites(lab.record.setup)) await openWholly(lab, alias, signal);
  else await fenceCluster(lab, alias, signal);
}

/** Whether the fence around all these topics is up. */
export async function isFenced(lab: Lab, alias: string, signal: AbortSignal, topics: Fenced = null): Promise<boolean> {
  return isClosed(await (await adminOf(lab, alias)).listAcls(signal), topics);
}

async function change(lab: Lab, alias: string, signal: AbortSignal, to: (now: Fence) => Fence): Promise<void> {
  const admin = await adminOf(lab, alias);
  const rules = await admin.listAcls(signal);
  const wanted = to(fenceOf(rules));
  for (const step of changesTo(rules, wanted)) {
    await (step.what === 'create' ? admin.createAcls(step.rules, signal) : admin.deleteAcls(step.rules, signal));
  }
  await waitUntil(
    lab.tools.clock,
    {
      what: `the fence of "${alias}" to be as it was set`,
      timeoutMs: PROPAGATION_LIMIT_MS,
      probe: async () => {
        const left = changesTo(await admin.listAcls(signal), wanted);
        return left.length === 0 ? done(undefined) : pending(`${left.length} changes left`);
      },
    },
    signal,
  );
}
