import { KmkError } from '../../../domain/errors.ts';
import type { StepActions } from '../../../domain/scenario.ts';
import { adminOf, resolveCluster } from '../../lab/lab.ts';
import type { Drill } from '../drill.ts';
import { judge, labOfDrill } from '../drill.ts';

const PARTITIONS = 3;

/** Writes numbered lines as a client; a missing topic is created. Where they are to be refused, that is judged. */
export async function producePlain(
  drill: Drill,
  of: StepActions['produce'] & { readonly id: string },
  signal: AbortSignal,
): Promise<string> {
  const lab = await labOfDrill(drill);
  const cluster = resolveCluster(lab, of.cluster);
  const topic = drill.nameOf(of.topic);
  const { replicationFactor } = cluster;
  await (await adminOf(lab, cluster.alias)).createTopic({ topic, partitions: PARTITIONS, replicationFactor }, signal);
  const producer = await drill.tools.producer(cluster);
  try {
    const records = Array.from({ length: of.messages }, (_, n) => ({ key: null, value: `${topic} ${n}` }));
    await producer.send(topic, records, signal);
  } catch (error) {
    if (of.expect !== 'refused' || !KmkError.is(error) || error.code !== 'KMK_WRITE_REFUSED') throw error;
    judge(drill, of.id, 'pass', `"${cluster.alias}" refused a client that writes to "${topic}"`);
    return 'refused';
  } finally {
    await producer[Symbol.asyncDispose]();
  }
  if (of.expect === 'refused') {
    const text = `"${cluster.alias}" took ${of.messages} records of a client that it should have refused`;
    judge(drill, of.id, 'fail', text);
  }
  return `${of.messages} records acknowledged on "${cluster.alias}"`;
}

/** Reads from the beginning as a client until that many records came. */
export async function consumePlain(drill: Drill, of: StepActions['consume'], signal: AbortSignal): Promise<string> {
  const lab = await labOfDrill(drill);
  const cluster = resolveCluster(lab, of.cluster);
  const admin = await adminOf(lab, cluster.alias);
  const topic = remoteNameOf(drill, of.topic, lab.layout.policy.separator);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(of.timeoutMs)]);
  const reader = await drill.tools.reader(cluster);
  let count = 0;
  try {
    let ranges = await admin.logRanges([topic], limit);
    while (ranges.length === 0) {
      await drill.tools.clock.sleep(200, limit);
      ranges = await admin.logRanges([topic], limit);
    }
    const positions = ranges.map(({ partition, start }) => ({ topic, partition, offset: start }));
    await reader.read(positions, () => ((count += 1) >= of.messages ? 'stop' : undefined), limit);
  } catch (error) {
    if (signal.aborted || !limit.aborted) throw error;
  } finally {
    await reader[Symbol.asyncDispose]();
  }
  if (signal.aborted) throw new KmkError('KMK_INTERRUPTED', 'interrupted');
  const enough = count >= of.messages;
  judge(
    drill,
    `consume-${of.topic}`,
    enough ? 'pass' : 'fail',
    `read ${count} of ${of.messages} records of "${topic}" on "${cluster.alias}"`,
  );
  return `${count} records`;
}

/** A prefixed topic is named after the topic that the drill made: `primary.notes`. */
function remoteNameOf(drill: Drill, topic: string, separator: string): string {
  const cut = topic.indexOf(separator);
  if (cut <= 0) return drill.nameOf(topic);
  return `${topic.slice(0, cut)}${separator}${drill.nameOf(topic.slice(cut + separator.length))}`;
}
