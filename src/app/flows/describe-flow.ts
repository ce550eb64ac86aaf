import type { FlowStatus } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { FlowDocument, FlowsDocument } from '../../domain/listing-documents.ts';
import { CONNECTOR_TYPES, connectorName } from '../../domain/lab/connect-config.ts';
import type { Flow } from '../../domain/setup.ts';
import { flowId } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { connectOf } from '../lab/lab.ts';
import { readLag } from '../replicate/positions.ts';
import { readStatus } from '../status/status.ts';

/** Every flow as `kmk status` sees it. */
export async function listFlows(lab: Lab, signal: AbortSignal): Promise<FlowsDocument> {
  const { flows } = await readStatus(lab.tools, lab.record.project, signal);
  return { schema: 'kmk.flows/v1', flows };
}

/** One flow: connectors, tasks with their traces, and MM2's position on every partition. */
export async function describeFlow(lab: Lab, flow: Flow, signal: AbortSignal): Promise<FlowDocument> {
  const { flows } = await readStatus(lab.tools, lab.record.project, signal);
  const status = flows.find(({ source, target }) => source === flow.source && target === flow.target);
  if (status === undefined) throw new KmkError('KMK_WRONG_STATE', `flow ${flowId(flow)} is not there any more`);
  const [traces, partitions] = await Promise.all([tracesOf(lab, flow, status, signal), positionsOf(lab, flow, signal)]);
  return { schema: 'kmk.flow/v1', flow: status, traces, partitions, limits: limitsOf(lab) };
}

async function tracesOf(
  lab: Lab,
  flow: Flow,
  status: FlowStatus,
  signal: AbortSignal,
): Promise<FlowDocument['traces']> {
  if (status.connectors.length === 0) return [];
  const reports = await Promise.all(
    CONNECTOR_TYPES.map((type) => connectOf(lab, flow.target).report(connectorName(flow, type), signal)),
  );
  return reports.flatMap((report) => {
    if (report === null) return [];
    const own = report.trace === null ? [] : [{ connector: report.name, task: null, trace: report.trace }];
    const tasks = report.tasks.flatMap(({ id, trace }) =>
      trace === null ? [] : [{ connector: report.name, task: id, trace }],
    );
    return [...own, ...tasks];
  });
}

/** null where either side, or the worker, cannot be read. */
async function positionsOf(lab: Lab, flow: Flow, signal: AbortSignal): Promise<FlowDocument['partitions']> {
  try {
    const lags = await readLag(lab, flow, signal);
    return lags.map(({ topic, partition, position, end, lag }) => ({
      topic,
      partition,
      position: position.toString(),
      end: end.toString(),
      lag: Number(lag),
    }));
  } catch (error) {
    if (!KmkError.is(error) || error.kind !== 'dependency') throw error;
    return null;
  }
}

function limitsOf(lab: Lab): readonly string[] {
  if (lab.record.setup.replication.mode === 'connect') return [];
  return [
    'dedicated MM2 has no REST API: connectors and tasks are not shown, and the flow can not be paused, resumed, stopped or restarted',
    'a failed task is told only by its log, and by a lag that grows',
  ];
}
