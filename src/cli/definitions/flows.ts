import { defineCommand } from '../define-command.ts';
import { argument } from '../option.ts';
import { nonEmptyText } from '../value-parsers.ts';

export const flowArgs = {
  flow: argument('[flow]', 'source:target, or "source->target" in quotes; not needed where there is one', nonEmptyText),
};

export const flowList = defineCommand({
  name: 'flow list',
  summary: 'list the replication flows with their state and lag',
  examples: ['kmk flow list', 'kmk flow list -o json'],
  needs: 'lab',
  handler: () => import('../commands/flow-list.ts'),
});

export const flowDescribe = defineCommand({
  name: 'flow describe',
  summary: "show a flow's connectors, tasks with traces, and its position on every partition",
  args: flowArgs,
  examples: ['kmk flow describe', 'kmk flow describe primary:dr -o json'],
  needs: 'lab',
  handler: () => import('../commands/flow-describe.ts'),
});

export const flowPause = defineCommand({
  name: 'flow pause',
  summary: 'pause a flow: its tasks stay, nothing is copied',
  args: flowArgs,
  examples: ['kmk flow pause', 'kmk flow pause primary:dr --yes'],
  needs: 'lab',
  asks: true,
  handler: async () => (await import('../commands/flow-control.ts')).flowCommand('pause'),
});

export const flowResume = defineCommand({
  name: 'flow resume',
  summary: 'let a paused or stopped flow go on where it was',
  args: flowArgs,
  examples: ['kmk flow resume', 'kmk flow resume primary:dr'],
  needs: 'lab',
  handler: async () => (await import('../commands/flow-control.ts')).flowCommand('resume'),
});

export const flowStop = defineCommand({
  name: 'flow stop',
  summary: 'stop a flow: its tasks end, its positions stay',
  args: flowArgs,
  examples: ['kmk flow stop', 'kmk flow stop primary:dr --yes'],
  needs: 'lab',
  asks: true,
  handler: async () => (await import('../commands/flow-control.ts')).flowCommand('stop'),
});

export const flowRestart = defineCommand({
  name: 'flow restart',
  summary: "restart a flow's connectors and tasks, also FAILED ones",
  args: flowArgs,
  examples: ['kmk flow restart', 'kmk flow restart primary:dr --yes'],
  needs: 'lab',
  asks: true,
  handler: async () => (await import('../commands/flow-control.ts')).flowCommand('restart'),
});
