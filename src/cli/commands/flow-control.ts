import type { FlowAction } from '../../app/flows/control-flow.ts';
import { controlFlow, refuseUncontrollable } from '../../app/flows/control-flow.ts';
import { listFlows } from '../../app/flows/describe-flow.ts';
import { findFlow } from '../../app/flows/find-flow.ts';
import { flowId } from '../../domain/setup.ts';
import type { CommandModule, None } from '../define-command.ts';
import type { flowArgs } from '../definitions/flows.ts';

const EFFECTS: Readonly<Record<FlowAction, { readonly done: string; readonly effect: string }>> = {
  pause: { done: 'paused', effect: 'nothing is copied until `kmk flow resume`; the lag grows' },
  resume: { done: 'running', effect: 'copying goes on where it was' },
  stop: { done: 'stopped', effect: 'tasks end and nothing is copied until `kmk flow resume`; the lag grows' },
  restart: { done: 'restarted', effect: 'copying stops for some seconds; the last batches may be sent again' },
};

/** `flow pause|resume|stop|restart`: asks (but for resume), acts on all connectors and waits for their state. */
export function flowCommand(action: FlowAction): CommandModule<None, typeof flowArgs> {
  return {
    run: async ({ args }, context) => {
      const app = await context.app();
      const lab = await app.requireLab();
      const flow = findFlow(lab, args.flow);
      const id = flowId(flow);
      refuseUncontrollable(lab, flow, action);
      const { done, effect } = EFFECTS[action];
      if (action !== 'resume') await context.confirm.confirm({ text: `Flow ${id}: ${action}?`, lines: [effect] });
      const document = await app.run(async (run) => {
        const using = await app.requireLab(run.tools);
        await controlFlow(using, flow, action, context.signal);
        return listFlows(using, context.signal);
      });
      const own = document.flows.filter(({ source, target }) => source === flow.source && target === flow.target);
      return { document: { ...document, flows: own }, human: `flow ${id} is ${done}: ${effect}` };
    },
  };
}
