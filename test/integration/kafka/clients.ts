import { randomUUID } from 'node:crypto';
import { createKafkaAdmin } from '../../../src/kafka/kafka-admin.ts';
import { labCluster } from '../../helpers/lab.ts';

/** Client options for the CLIENT listener of the primary. */
export function clientOptions() {
  return { bootstrap: labCluster('primary').bootstrap, clientId: 'kmk-test' };
}

/** An admin of the cluster. */
export function openAdmin(alias: 'primary' | 'dr' = 'primary') {
  const { adminBootstrap, password } = labCluster(alias);
  const sasl = { username: 'kmk', password };
  return createKafkaAdmin({ bootstrap: adminBootstrap, clientId: 'kmk-test', sasl });
}

/** A name that no other test uses. */
export function unique(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 8)}`;
}
