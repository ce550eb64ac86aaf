import { KmkError } from '../../domain/errors.ts';
import type { ClusterLayout } from '../../domain/lab/layout.ts';
import type { KafkaAdmin } from '../ports/kafka-admin.ts';
import type { Lab } from './lab.ts';
import { adminOf } from './lab.ts';

/** What a listing says about a cluster beside its contents. */
export interface ClusterView {
  readonly alias: string;
  readonly role: 'active' | 'standby';
  readonly reachable: boolean;
  /** Why it could not be read; null when it could. */
  readonly error: string | null;
}

export interface ClusterReading<T> {
  readonly view: ClusterView;
  readonly cluster: ClusterLayout;
  /** null where the cluster does not answer. */
  readonly value: T | null;
}

/**
 * Reads every cluster of the lab at once, in the order of the setup. One that does not answer is part of the answer: a
 * listing must work in an outage. Throws KMK_KAFKA_UNREACHABLE when none answers.
 */
export async function readEachCluster<T>(
  lab: Lab,
  read: (admin: KafkaAdmin, cluster: ClusterLayout) => Promise<T>,
): Promise<readonly ClusterReading<T>[]> {
  const errors: KmkError[] = [];
  const readings = await Promise.all(
    lab.layout.clusters.map(async (cluster): Promise<ClusterReading<T>> => {
      const { alias } = cluster;
      const role = alias === lab.record.active ? 'active' : 'standby';
      try {
        const value = await read(await adminOf(lab, alias), cluster);
        return { view: { alias, role, reachable: true, error: null }, cluster, value };
      } catch (error) {
        if (!KmkError.is(error) || error.code !== 'KMK_KAFKA_UNREACHABLE') throw error;
        errors.push(error);
        return { view: { alias, role, reachable: false, error: error.message }, cluster, value: null };
      }
    }),
  );
  const [first] = errors;
  if (first !== undefined && errors.length === readings.length) throw first;
  return readings;
}
