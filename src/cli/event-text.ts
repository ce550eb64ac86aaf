import { bypassText } from '../domain/fence-bypass.ts';
import { forecastText } from '../domain/forecast.ts';
import type { EventData, EventName } from '../domain/events.ts';
import { humanDuration } from './human-duration.ts';

type Texts = { readonly [N in EventName]: (data: EventData[N]) => string | null };

/** Each event for people, in one line; null for those that are only for the journal. */
const TEXTS: Texts = {
  'run.started': (d) => `kmk ${d.kmkVersion}: ${d.command} in project "${d.project}"`,
  'run.finished': (d) => (d.error === null ? `finished with ${d.exitCode}` : `finished with ${d.exitCode}: ${d.error}`),
  'plan.adopted': (d) => `plan ${d.plan}: ${d.kind} ${d.from} -> ${d.to}, ${d.steps.length} steps`,
  'plan.step': (d) => `plan step ${d.step}: ${d.state}`,
  'plan.closed': (d) => `plan ${d.plan} is ${d.state}`,
  'step.started': (d) => d.title,
  'step.progress': (d) => (d.total === undefined ? d.text : `${d.text} ${d.done ?? 0}/${d.total}`),
  'step.finished': (d) => {
    const detail = d.detail === undefined ? '' : `: ${d.detail}`;
    return `${d.state} after ${humanDuration(d.durationMs)}${detail}`;
  },
  'service.ready': (d) => `${d.name} is ready on ${d.endpoint} after ${humanDuration(d.afterMs)}`,
  'service.stopped': (d) => (d.how === 'kill' ? `${d.name} was killed` : `${d.name} stopped`),
  'file.written': (d) => `wrote ${d.path}`,
  'fault.injected': (d) => `fault "${d.fault}" hits "${d.cluster}": ${d.services.join(', ')}`,
  'fault.healed': (d) => `fault "${d.fault}" on "${d.cluster}" is healed`,
  'offsets.committed': (d) =>
    `group "${d.group}" on "${d.cluster}": ${d.topic}-${d.partition} at ${d.offset} (was ${d.previous ?? 'none'}, ${d.proof})`,
  'offsets.removed': (d) =>
    `group "${d.group}" on "${d.cluster}": ${d.topic}-${d.partition} has no position (was ${d.previous})`,
  'topic.created': (d) => `created topic "${d.topic}" on "${d.cluster}" with ${d.partitions} partitions`,
  'watermark.recorded': (d) =>
    `watermark of ${d.topic}-${d.partition}, ${d.source} to ${d.target}: ${d.u ?? 'none'} is ${d.d}`,
  'flow.seeded': (d) => `flow ${d.flow} starts ${d.topic}-${d.partition} at ${d.offset}`,
  'connector.state': (d) => `connector ${d.connector} of ${d.flow} is ${d.state}`,
  'fence.bypassed': (d) => `written past the fence of "${d.cluster}": ${bypassText(d)}`,
  'tail.resolved': ({ cluster, choice, records, file }) =>
    `${choice} of ${records} stranded records of "${cluster}"${file === null ? '' : `: ${file}`}`,
  'hook.finished': ({ hook, program, exitCode, durationMs }) =>
    `hook ${hook}: ${program} ended with ${exitCode ?? 'no exit code'} after ${durationMs}ms`,
  'active.changed': (d) => `"${d.to}" is active now (was "${d.from}", epoch ${d.epoch})`,
  'topics.moved': (d) => `"${d.to}" is active now for ${d.topics.join(', ')} (was "${d.from}", epoch ${d.epoch})`,
  'move.forecast': (d) => `forecast of a failover ${d.from} -> ${d.to}: ${forecastText(d)}`,
  'flow.lag.sampled': (d) => `flow ${d.flow} lags ${d.lagRecords} records`,
  'partition.sampled': (d) =>
    `${d.topic}-${d.partition} ends at ${d.sourceEnd ?? '?'}, copied to ${d.remoteEnd ?? '?'}`,
  'ledger.summarised': (d) => {
    const lost = d.partitions.reduce((sum, partition) => sum + partition.lost, 0);
    return `ledger of "${d.topic}": ${lost} lost`;
  },
  'group.position': (d) =>
    `group "${d.group}" at ${d.topic}-${d.partition}: ${d.committed ?? 'none'}, on the target ${d.targetCommitted ?? 'none'}`,
  'check.evaluated': (d) => `check ${d.id}: ${d.verdict}, ${d.message}`,
  'result.recorded': () => null,
  note: (d) => d.text,
  warning: (d) => (d.hint === undefined ? d.text : `${d.text}\nhint: ${d.hint}`),
};

/** The event in words; null when people need not see it. */
export function eventText<N extends EventName>(event: N, data: EventData[N]): string | null {
  return TEXTS[event](data);
}
