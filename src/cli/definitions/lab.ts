import { KmkError } from '../../domain/errors.ts';
import { TAIL_CHOICES, TAIL_POSITIONS } from '../../domain/stranded-tail.ts';
import type { OptionValues } from '../define-command.ts';
import { defineCommand } from '../define-command.ts';
import { flag, offSwitch, optionalValue, value } from '../option.ts';
import { oneOf, wholeNumber } from '../value-parsers.ts';
import { planOptions } from './moves.ts';

export const deployOptions = {
  runtime: value('--runtime <name>', 'where the lab runs', { parser: oneOf('auto', 'local', 'docker') }),
  ui: offSwitch('--no-ui', 'leave the web UI out'),
  wait: offSwitch('--no-wait', 'do not wait until a canary record and a heartbeat have crossed'),
};

export const deploy = defineCommand({
  name: 'deploy',
  summary: 'stand both clusters and MirrorMaker 2 up',
  description:
    'Starts the brokers and the replication of kmk.yaml (or of the built-in lab) and waits until a record and a heartbeat have crossed. A second run changes nothing and says so.',
  options: deployOptions,
  examples: ['kmk deploy', 'kmk deploy --runtime local --timeout 2m', 'kmk deploy -o json'],
  needs: 'config',
  handler: () => import('../commands/deploy.ts'),
});

export const statusOptions = { watch: flag('--watch', 'repeat every two seconds until Ctrl-C') };

export const status = defineCommand({
  name: 'status',
  summary: 'show clusters, flows, lag, who is active and where the logs are',
  options: statusOptions,
  examples: ['kmk status', 'kmk status --watch', 'kmk status -o json'],
  needs: 'config',
  handler: () => import('../commands/status.ts'),
});

export const uiOptions = { open: flag('--open', 'show it in a browser') };

export const ui = defineCommand({
  name: 'ui',
  summary: 'print or open the address of the web UI',
  description: 'The Docker runtime starts kafka-ui with both clusters and their Connect workers, read-only.',
  options: uiOptions,
  examples: ['kmk ui', 'kmk ui --open'],
  needs: 'lab',
  handler: () => import('../commands/ui.ts'),
});

export const failoverOptions = {
  simulate: optionalValue('--simulate [how]', 'cause the disaster in the lab first', {
    parser: oneOf('kill', 'stop', 'partition'),
    bare: 'kill' as const,
  }),
  force: flag('--force', 'give up a source that answers: it is fenced first'),
  ...planOptions,
};

export const failover = defineCommand({
  name: 'failover',
  summary: 'move service to the standby after the active cluster was lost',
  description:
    'Stops the flow, commits the groups’ best known positions on the standby, promotes it, proves that clients can write and read, and checks the result. With --simulate it kills (or stops, or on Docker cuts off) the active cluster first.',
  options: failoverOptions,
  examples: [
    'kmk failover --simulate',
    'kmk failover --dry-run',
    'kmk failover --plan-out plan.json',
    'kmk failover --yes -o json',
  ],
  validate: ({ options }) => {
    if (options.plan === undefined || (options.simulate === undefined && !options.force)) return;
    throw new KmkError('KMK_USAGE', '--plan applies a plan as it was made, with its own --simulate and --force', {
      hints: ['Leave them out, or make another plan with `--plan-out FILE`.'],
    });
  },
  needs: 'lab',
  asks: true,
  handler: () => import('../commands/failover.ts'),
});

export const failbackOptions = {
  stranded: value('--stranded <how>', 'what becomes of records that never crossed', { parser: oneOf(...TAIL_CHOICES) }),
  tail: value('--tail <where>', 'groups that read all else go on behind these records, or read them', {
    parser: oneOf(...TAIL_POSITIONS),
  }),
  acceptLoss: value('--accept-loss <records>', 'the most records to give up, stranded or not brought back', {
    parser: wholeNumber(),
  }),
  ...planOptions,
};

export const failback = defineCommand({
  name: 'failback',
  summary: 'bring the old primary back and switch to it, nothing copied twice',
  description:
    'Starts the old primary behind a fence, catches it up through a reverse flow that is seeded at the watermark, switches clients back and lets the forward flow run again. Interrupted anywhere, a second run goes on. Records that never crossed arrive late under the default policy; --stranded exports them to a file, replays them into the active cluster (identity policy) or gives them up. Under the identity policy they are refused without it. Where records of the active cluster did not come back, nothing is switched unless --accept-loss allows for them.',
  options: failbackOptions,
  examples: [
    'kmk failback',
    'kmk failback --dry-run',
    'kmk failback --stranded export --yes',
    'kmk failback --stranded export --tail redeliver',
    'kmk failback --stranded discard --accept-loss 120 --yes',
  ],
  validate: ({ options }) => refuseMixed(options),
  needs: 'lab',
  asks: true,
  handler: () => import('../commands/failback.ts'),
});

export const destroyOptions = { keepData: flag('--keep-data', 'stop everything, keep storage and logs') };

export const destroy = defineCommand({
  name: 'destroy',
  summary: 'remove everything this project started, also after a crash',
  description: 'Ends the processes recorded in the state directory and removes their data. Runs and reports stay.',
  options: destroyOptions,
  examples: ['kmk destroy', 'kmk destroy --yes', 'kmk destroy --keep-data'],
  needs: 'config',
  handler: () => import('../commands/destroy.ts'),
});

/** Throws KMK_USAGE for options of failback that do not go together. */
function refuseMixed({ stranded, tail, acceptLoss, plan }: OptionValues<typeof failbackOptions>): void {
  const decides = stranded !== undefined && stranded !== 'late';
  if (plan !== undefined && (stranded ?? tail ?? acceptLoss) !== undefined) {
    throw new KmkError('KMK_USAGE', '--plan applies a plan as it was made, with its own --stranded', {
      hints: ['Leave it out, or make another plan with `--plan-out FILE`.'],
    });
  }
  if (tail === 'skip' && !decides) {
    throw new KmkError('KMK_USAGE', '--tail skip goes with --stranded export, replay or discard', {
      hints: ['Records that arrive late are read by the groups.'],
    });
  }
}
