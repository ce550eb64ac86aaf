import type { ClusterLayout } from '../../domain/lab/layout.ts';

/** A cluster in the time between two changes of the active one. */
export interface Site {
  readonly cluster: ClusterLayout;
  readonly epoch: number;
  /** Epoch ms of what clients did here first; null until they have. */
  firstAckAt: number | null;
  firstProcessedAt: number | null;
}

export function newSite(cluster: ClusterLayout, epoch: number): Site {
  return { cluster, epoch, firstAckAt: null, firstProcessedAt: null };
}
