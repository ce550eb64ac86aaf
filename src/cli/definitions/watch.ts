import { defineCommand } from '../define-command.ts';
import { flag, value, values } from '../option.ts';
import { address, webUrl, wholeNumber } from '../value-parsers.ts';

export const watchOptions = {
  autoFailover: flag('--auto-failover', 'fail over when the active cluster is found dead'),
  checks: value('--checks <n>', 'failed checks in a row before it is (default: watch.checks of kmk.yaml)', {
    parser: wholeNumber({ min: 1, max: 1000 }),
  }),
  witness: values('--witness <url>', 'another `kmk watch` that has to agree; repeatable (default: watch.witnesses)', {
    parser: webUrl,
  }),
  listen: value('--listen <address>', 'where metrics and health are served', {
    parser: address,
    default: '127.0.0.1:9190',
  }),
};

export const watch = defineCommand({
  name: 'watch',
  summary: 'watch both sites, serve metrics and health, fail over when told to',
  description:
    'Checks brokers, heartbeats, checkpoints and lag every second until Ctrl-C and says what changes. Serves /metrics, /health/live, /health/ready and /status. With --auto-failover it fails over after so many failed checks, if the standby answers, no heartbeat crosses any more, and most of the witnesses agree.',
  options: watchOptions,
  examples: [
    'kmk watch',
    'kmk watch --auto-failover --checks 5',
    'kmk watch --auto-failover --witness http://127.0.0.1:9191',
    'kmk watch --listen 127.0.0.1:0 -o jsonl',
  ],
  needs: 'lab',
  asks: ({ options }) => options.autoFailover,
  jsonl: true,
  streams: true,
  handler: () => import('../commands/watch.ts'),
});
