import { resolveCluster } from '../app/lab/lab.ts';
import type { RestorePlan } from '../app/offsets/restore-offsets.ts';
import { planRestore, restoreChanges, restoreOffsets as putBack } from '../app/offsets/restore-offsets.ts';
import { showOffsets } from '../app/offsets/show-offsets.ts';
import { restoreDocument, snapshotDocument } from '../app/offsets/snapshot-document.ts';
import { saveSnapshot, snapshotGroups } from '../app/offsets/snapshot-offsets.ts';
import { planSync } from '../app/offsets/plan-sync.ts';
import { syncDocument, syncOffsets as writeBest, syncPreview } from '../app/offsets/sync-offsets.ts';
import type { Direction } from '../app/offsets/translate-offsets.ts';
import { translateGroup, translatePosition } from '../app/offsets/translate-offsets.ts';
import { readSnapshot } from '../composition/snapshot-files.ts';
import type { OffsetsDocument } from '../domain/documents.ts';
import type { KmkOptions } from './options.ts';
import { withKmk, withLab } from './session.ts';

export interface OffsetsOptions extends KmkOptions {
  /** Default: all that flows carry. */
  readonly groups?: readonly string[];
}

/** `kmk offsets show`. */
export function offsets(options: OffsetsOptions = {}): Promise<OffsetsDocument> {
  return withLab(options, 'offsets show', async (lab, signal) => {
    const { document } = await showOffsets(lab, { groups: options.groups ?? [] }, signal);
    return document;
  });
}

export interface SnapshotOffsetsOptions extends OffsetsOptions {
  /** Alias or role. Default: "target". */
  readonly cluster?: string;
}

/** `kmk offsets snapshot`: `snapshot.file` of the answer is where the positions are kept. */
export function snapshotOffsets(options: SnapshotOffsetsOptions = {}): Promise<OffsetsDocument> {
  const { groups = [], cluster = 'target' } = options;
  return withKmk(options, 'offsets snapshot', async ({ app, signal }) => {
    const lab = await app.requireLab();
    const snapshot = await snapshotGroups(lab, resolveCluster(lab, cluster).alias, groups, signal);
    return app.run(async (run) => {
      const using = await app.requireLab(run.tools);
      return snapshotDocument(using, await saveSnapshot(using, run, snapshot), snapshot, signal);
    });
  });
}

export interface RestoreOffsetsOptions extends OffsetsOptions {
  /** Path of a snapshot, or the run that kept one. */
  readonly snapshot: string;
  /** Say what would be put back, and change nothing. Default false. */
  readonly dryRun?: boolean;
}

/** `kmk offsets restore --yes`. What had to be left alone is in `left`, not thrown. */
export function restoreOffsets(options: RestoreOffsetsOptions): Promise<OffsetsDocument> {
  const { groups = [], dryRun = false, cwd = process.cwd() } = options;
  return withKmk(options, 'offsets restore', async ({ app, signal }) => {
    const snapshot = await readSnapshot(app.tools.store, cwd, options.snapshot);
    const lab = await app.requireLab();
    const plan: RestorePlan = await planRestore(lab, snapshot, groups, signal);
    if (dryRun || restoreChanges(plan).length === 0) {
      return restoreDocument(lab, plan, { kept: null, committed: !dryRun }, signal);
    }
    return app.run(async (run) => {
      const using = await app.requireLab(run.tools);
      const now = await planRestore(using, snapshot, groups, signal);
      return restoreDocument(using, now, { kept: await putBack(using, now, run, signal), committed: true }, signal);
    });
  });
}

export interface SyncOffsetsOptions extends OffsetsOptions {
  /** Names on the source. Default: all that flows copy. */
  readonly topics?: readonly string[];
  /** Alias or role of the target. May be left out where all flows end at one cluster. */
  readonly cluster?: string;
  /** Say what would be written, and change nothing. Default false. */
  readonly dryRun?: boolean;
}

/** `kmk offsets sync --yes`: commits the best positions on the target and reads them back. */
export function syncOffsets(options: SyncOffsetsOptions = {}): Promise<OffsetsDocument> {
  const { groups = [], topics = [], cluster, dryRun = false } = options;
  return withKmk(options, 'offsets sync', async ({ app, signal }) => {
    const lab = await app.requireLab();
    const plan = await planSync(lab, { groups, topics, cluster }, signal);
    if (dryRun) return syncPreview(plan);
    if (plan.changes.length === 0) return syncDocument(lab, plan, null, signal);
    return app.run(async (run) => writeBest(await app.requireLab(run.tools), plan, run, signal));
  });
}

export type TranslateOffsetsOptions = KmkOptions &
  (
    | {
        /** A topic by its own name or by that of its copy. */
        readonly topic: string;
        readonly partition: number;
        readonly offset: bigint;
        /** Default: inverse for the name of a copy, else forward. */
        readonly direction?: Direction;
      }
    | {
        readonly group: string;
        readonly topic?: string;
        readonly partition?: number;
        /** Default: forward. */
        readonly direction?: Direction;
      }
  );

/** `kmk offsets translate`. */
export function translateOffsets(options: TranslateOffsetsOptions): Promise<OffsetsDocument> {
  return withLab(options, 'offsets translate', (lab, signal) => {
    const { topic, partition, direction } = options;
    if ('group' in options) {
      const { group } = options;
      return translateGroup(lab, { group, topic, partition, direction: direction ?? 'forward' }, signal);
    }
    return translatePosition(lab, { ...options, direction }, signal);
  });
}
