import { KmkError } from '../../domain/errors.ts';
import { refuseMixedScope } from '../../domain/plan/scope.ts';
import { argument, flag, value, values } from '../option.ts';
import { topicName } from '../kafka-parsers.ts';
import { defineCommand } from '../define-command.ts';
import { anyText, duration, nonEmptyText, wholeNumber } from '../value-parsers.ts';

/** What every move between clusters takes. */
export const planOptions = {
  dryRun: flag('--dry-run', 'print the plan and change nothing'),
  planOut: value('--plan-out <file>', 'save the plan and change nothing', { parser: anyText }),
  plan: value('--plan <file>', 'apply exactly this saved plan, refused when it no longer holds', { parser: anyText }),
};

export const switchoverOptions = {
  topic: values('-t, --topic <name>', 'move only this topic and what belongs to it; repeatable', { parser: topicName }),
  group: values('-g, --group <name>', 'move only this group and what it reads; repeatable', { parser: nonEmptyText }),
  wave: value('--wave <n>', 'move only the n-th of `waves` in kmk.yaml, counted from 1', {
    parser: wholeNumber({ min: 1 }),
  }),
  maxLag: value('--max-lag <records>', 'refuse while the flow has more records than this to copy', {
    parser: wholeNumber(),
  }),
  deadline: value('--deadline <duration>', 'take the move back where clients are refused for longer; default 60s', {
    parser: duration,
  }),
  ...planOptions,
};

export const switchover = defineCommand({
  name: 'switchover',
  summary: 'move clients to the standby as planned, losing and skipping nothing',
  description:
    'Copies the backlog, refuses client writes on the active cluster, waits until the last record has crossed and groups have committed, puts them at the exact record on the standby, promotes it, and starts the flow that leads back. Whatever fails before the promotion is taken back. `kmk failback` returns. With --topic, --group or --wave only a part moves: the topics named, those that the named groups read, and all groups that read these. A group that reads other topics as well is refused. The rest stays writable where it is; a switchover without these options moves it.',
  options: switchoverOptions,
  examples: [
    'kmk switchover',
    'kmk switchover --dry-run',
    'kmk switchover --max-lag 10000 --yes',
    'kmk switchover --deadline 10s --yes',
    'kmk switchover --plan-out plan.json',
    'kmk switchover --topic orders --topic payments --dry-run',
    'kmk switchover --group billing --yes',
    'kmk switchover --wave 1 --yes',
  ],
  validate: ({ options }) => {
    const { topic: topics, group: groups, wave, maxLag, deadline } = options;
    refuseMixedScope({ topics, groups, wave });
    const scoped = wave !== undefined || topics.length + groups.length > 0;
    if (options.plan === undefined || (!scoped && maxLag === undefined && deadline === undefined)) return;
    const own = scoped ? '--topic, --group or --wave' : maxLag === undefined ? '--deadline' : '--max-lag';
    throw new KmkError('KMK_USAGE', `--plan applies a plan as it was made, with its own ${own}`, {
      hints: ['Leave it out, or make another plan with `--plan-out FILE`.'],
    });
  },
  needs: 'lab',
  asks: true,
  handler: () => import('../commands/switchover.ts'),
});

export const resumeArgs = { run: argument('[run]', 'the run to go on with; default: the last', anyText) };

export const resumeOptions = {
  rollback: flag('--rollback', 'take back what can be undone instead'),
  breakLock: flag('--break-lock', 'take the lease of another machine that is dead or was not heard of for 30 s'),
};

export const resume = defineCommand({
  name: 'resume',
  summary: 'go on with a move that was cut short, or take it back',
  description:
    'Reads the plan and the journal of the run, re-checks what they rest on, and carries out the steps that are left. With --rollback it undoes the steps that were done, last first; beyond the point of no return it refuses. A run that another machine began is read from the clusters; while its owner lives it is refused.',
  args: resumeArgs,
  options: resumeOptions,
  examples: [
    'kmk resume',
    'kmk resume --rollback',
    'kmk resume 20261121-093000-failover-x7f3 --yes',
    'kmk resume --break-lock',
  ],
  needs: 'lab',
  asks: true,
  handler: () => import('../commands/resume.ts'),
});
