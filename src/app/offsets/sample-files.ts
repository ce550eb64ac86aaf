import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { SampledSyncs } from '../../domain/watch/sampled-syncs.ts';
import type { Samples, SamplesOf } from '../../domain/watch/samples.ts';
import { isOf } from '../../domain/watch/samples.ts';
import type { Lab } from '../lab/lab.ts';

const fileOf = ({ source, target }: Flow): string => `offsets/samples-${source}-to-${target}.json`;
const syncsFileOf = ({ source, target }: Flow): string => `offsets/syncs-${source}-to-${target}.json`;

/** Whose samples those of a flow are now; a promotion away from its source does not make them worthless. */
export function samplesOf({ record }: Lab, flow: Flow): SamplesOf {
  const { source, target } = flow;
  const left = record.promotion?.from === source && record.promotion.to === target;
  const ids = Object.entries(record.clusterIds).filter(([alias]) => alias === source || alias === target);
  return { flow: flowId(flow), epoch: left ? record.epoch - 1 : record.epoch, clusterIds: Object.fromEntries(ids) };
}

/** Keeps what a watch has seen, unless the lab has gone or another epoch has begun meanwhile. */
export async function saveSamples(lab: Lab, flow: Flow, samples: Samples): Promise<void> {
  await save(lab, fileOf(flow), samples);
}

/** As `saveSamples`, of the syncs. */
export async function saveSampledSyncs(lab: Lab, flow: Flow, syncs: SampledSyncs): Promise<void> {
  await save(lab, syncsFileOf(flow), syncs);
}

/** What a watch saw of the flow's source; null without one, and where clusters or epoch are not those of then. */
export async function readSamples(lab: Lab, flow: Flow): Promise<Samples | null> {
  return read<Samples>(lab, flow, fileOf(flow), 'kmk.samples/v1');
}

/** As `readSamples`, of the syncs. */
export async function readSampledSyncs(lab: Lab, flow: Flow): Promise<SampledSyncs | null> {
  return read<SampledSyncs>(lab, flow, syncsFileOf(flow), 'kmk.sampled-syncs/v1');
}

async function save({ tools: { store } }: Lab, file: string, what: SamplesOf): Promise<void> {
  const record = await store.loadLab();
  if (record?.epoch !== what.epoch || record.promotion !== null) return;
  await store.saveStateFile(file, `${JSON.stringify(what)}\n`);
}

async function read<T extends SamplesOf>(lab: Lab, flow: Flow, file: string, schema: string): Promise<T | null> {
  const text = await lab.tools.store.readStateFile(file);
  if (text === null) return null;
  try {
    const found = JSON.parse(text) as T & { readonly schema: unknown };
    // Of a later version, or of something that was there before.
    return found.schema === schema && isOf(found, samplesOf(lab, flow)) ? found : null;
  } catch {
    // Written whole, so somebody else's.
    return null;
  }
}
