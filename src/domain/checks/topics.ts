import type { FlowSnapshot, TopicPair, VerifyCheck } from './snapshot.ts';
import { listed } from './snapshot.ts';

/** Every topic that a flow copies has its copy under the name that the policy gives it. */
export const topicsPresent: VerifyCheck = (flows) => {
  const topics = pairs(flows);
  const missing = topics.filter(({ targetPartitions }) => targetPartitions === null);
  return missing.length === 0
    ? { id: 'topics.present', verdict: 'pass', message: `every topic (${topics.length}) has its copy` }
    : {
        id: 'topics.present',
        verdict: 'fail',
        message: `no copy: ${listed(missing.map(({ topic, remoteTopic }) => `"${remoteTopic}" of "${topic}"`))}`,
      };
};

/** Topics and copies are the ones that offsets were recorded for (mm2-ground-truth 2.7: MM2 goes on in silence). */
export const topicsIdentity: VerifyCheck = (flows) => {
  const id = 'topics.identity';
  const recreated = flows.flatMap((flow) => flow.recreated);
  if (recreated.length === 0)
    return { id, verdict: 'pass', message: `no topic (${pairs(flows).length}) or copy was deleted and created anew` };
  return {
    id,
    verdict: 'fail',
    message: listed(recreated.map(({ reason, sides }) => `${reason}: ${MEANING[sides.join()] ?? ''}`)),
  };
};

const MEANING: Readonly<Record<string, string>> = {
  source: 'its first records may have no copy',
  target: 'positions in it may pass unread records',
  'source,target': 'records may have no copy, and positions may pass unread ones',
};

/** A copy with another number of partitions holds keys where consumers do not look for them. */
export const partitionsEqual: VerifyCheck = (flows) => {
  const id = 'partitions.equal';
  const copied = pairs(flows).filter(({ targetPartitions }) => targetPartitions !== null);
  const wrong = copied.filter(({ sourcePartitions, targetPartitions }) => sourcePartitions !== targetPartitions);
  const texts = wrong.map(
    ({ topic, remoteTopic, sourcePartitions, targetPartitions }) =>
      `"${topic}" has ${sourcePartitions}, "${remoteTopic}" ${targetPartitions ?? 0}`,
  );
  return wrong.length === 0
    ? { id, verdict: 'pass', message: `every copy (${copied.length}) has as many partitions as its original` }
    : { id, verdict: 'fail', message: listed(texts) };
};

/** Settings of topic and copy are equal, but for those that MM2 leaves alone. */
export const configsEqual: VerifyCheck = (flows) => {
  const id = 'configs.equal';
  const copied = pairs(flows).filter(({ targetPartitions }) => targetPartitions !== null);
  const texts = copied.flatMap((pair) =>
    differences(pair).map(
      (key) =>
        `${key} is ${pair.sourceConfig[key] ?? 'unset'} on "${pair.topic}", ${pair.targetConfig[key] ?? 'unset'} on "${pair.remoteTopic}"`,
    ),
  );
  return texts.length === 0
    ? { id, verdict: 'pass', message: `every copy (${copied.length}) has the settings of its original` }
    : { id, verdict: 'fail', message: listed(texts) };
};

function differences({ sourceConfig, targetConfig }: TopicPair): readonly string[] {
  const keys = new Set([...Object.keys(sourceConfig), ...Object.keys(targetConfig)]);
  return [...keys].filter((key) => sourceConfig[key] !== targetConfig[key]).toSorted();
}

function pairs(flows: readonly FlowSnapshot[]): readonly TopicPair[] {
  return flows.flatMap(({ topics }) => topics);
}
