import { join } from 'node:path';
import { systemClock } from '../../src/composition/system.ts';
import { changesTo, OPEN } from '../../src/domain/fence.ts';
import { clusterLayout, layoutOf } from '../../src/domain/lab/layout.ts';
import { createKafkaAdmin } from '../../src/kafka/kafka-admin.ts';
import { createFileRunStore } from '../../src/store/file-run-store.ts';
import { createLabFiles } from '../../src/store/lab-files.ts';

/**
 * Lets clients write on the standby of the shared lab: cases put there what MM2 would not, as clients and by an MM2 of
 * their own. A deploy closes it again. Closed standbys are tested on labs that are deployed for that.
 */
export async function openStandby(stateDir: string): Promise<void> {
  const store = createFileRunStore(stateDir, systemClock);
  const record = await store.loadLab();
  if (record === null) throw new Error('there is no lab to open');
  await store.saveLab({ ...record, setup: { ...record.setup, standby: { writes: 'allowed' } }, closed: {} });
  const { adminBootstrap } = clusterLayout(layoutOf(record.setup, record.ports, 'local'), 'dr');
  const { kmk: password } = await createLabFiles(join(stateDir, 'lab')).secrets();
  const sasl = { username: 'kmk', password };
  await using admin = createKafkaAdmin({ bootstrap: adminBootstrap, clientId: 'kmk-test', sasl });
  for (const { what, rules } of changesTo(await admin.listAcls(), OPEN)) {
    await (what === 'create' ? admin.createAcls(rules) : admin.deleteAcls(rules));
  }
}
