import { join } from 'node:path';
import type { FailoverDocument } from '../src/domain/documents.ts';
import { clusterLayout } from '../src/domain/lab/layout.ts';
import { withLab } from '../src/library/session.ts';
import type { BenchLab } from './lab.ts';
import { createLab } from './lab.ts';
import { figure, markdownTable } from './measure.ts';

/** Of a topic that was copied in the days before: with kmk's `lab` profile MM2 writes one for each batch. */
const SYNCS = [0, 100_000, 500_000, 2_000_000];
const AT_ONCE = 5000;
const TOPIC = 'orders';
const STEPS = ['prepare', 'offsets', 'verify'];

/** A planned switchover where MM2 has told a long history of syncs: how long clients are without service. */
export async function benchHistory(): Promise<string> {
  const rows: string[][] = [];
  for (const syncs of SYNCS) {
    await using lab = await createLab();
    await lab.kmk('deploy', '-q');
    await lab.kmk('produce', '--topic', TOPIC, '--messages', '300', '-q');
    await lab.kmk('consume', '--topic', TOPIC, '--group', 'g', '--messages', '100', '--from-beginning', '-q');
    await writeHistory(lab, syncs);
    const { stdout } = await lab.kmk('switchover', '--yes', '-q', '-o', 'json');
    const { recovery, phases, verdict } = JSON.parse(stdout) as FailoverDocument;
    if (verdict !== 'pass') throw new Error(stdout);
    const seconds = (ms: number | null | undefined): string => `${figure((ms ?? Number.NaN) / 1000, 2)} s`;
    const took = (id: string): string => seconds(phases.find((phase) => phase.id === id)?.durationMs);
    rows.push([figure(syncs, 0), seconds(recovery.writeMs), ...STEPS.map(took)]);
  }
  return markdownTable(['syncs', 'fence to first write', ...STEPS.map((id) => `step ${id}`)], rows);
}

/** Syncs of a partition that the flow copied once, as MirrorSourceTask writes them: the offsets follow each other. */
async function writeHistory({ dir }: BenchLab, count: number): Promise<void> {
  const config = join(dir, 'kmk.yaml');
  await withLab({ config, cwd: dir }, 'bench', async (lab) => {
    const [flow] = lab.record.setup.replication.flows;
    if (flow === undefined) throw new Error('the lab has no flow');
    await using producer = await lab.tools.producer(clusterLayout(lab.layout, flow.target), { as: 'kmk' });
    const topic = lab.layout.policy.offsetSyncsTopic(flow.source);
    for (let at = 0; at < count; at += AT_ONCE) {
      const records = Array.from({ length: AT_ONCE }, (_, index) => sync(`${TOPIC}-before`, at + index));
      await producer.send(topic, records);
    }
  });
}

/** org.apache.kafka.connect.mirror.OffsetSync of partition 0, both offsets the same. */
function sync(topic: string, offset: number) {
  const key = Buffer.alloc(2 + topic.length + 4);
  key.writeInt16BE(topic.length);
  key.write(topic, 2);
  const value = Buffer.alloc(16);
  value.writeBigInt64BE(BigInt(offset), 0);
  value.writeBigInt64BE(BigInt(offset), 8);
  return { key, value, partition: 0 };
}
