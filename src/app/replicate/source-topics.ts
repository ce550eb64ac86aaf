import { topicFilter, userTopicFilter } from '../../domain/flow-filter.ts';
import type { Flow } from '../../domain/setup.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** Topics on the flow's source that it copies, MM2's own and kmk's among them. */
export async function copiedTopics(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly string[]> {
  return (await topicsOn(lab, flow, signal)).filter(topicFilter(flow, lab.layout.policy));
}

/** Topics on the flow's source that users write and it copies. */
export async function copiedUserTopics(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly string[]> {
  return (await topicsOn(lab, flow, signal)).filter(userTopicFilter(flow, lab.layout.policy));
}

async function topicsOn(lab: Lab, flow: Flow, signal: AbortSignal): Promise<readonly string[]> {
  return (await adminOf(lab, flow.source)).listTopics(signal);
}
