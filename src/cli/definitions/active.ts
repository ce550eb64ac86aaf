import { KmkError } from '../../domain/errors.ts';
import { defineCommand } from '../define-command.ts';
import { flag, value } from '../option.ts';
import { wholeNumber } from '../value-parsers.ts';

export const activeOptions = {
  wait: flag('--wait', 'answer when a move has changed it; --timeout limits how long'),
  since: value('--since <epoch>', 'with --wait: answer as soon as the epoch is above this; default: that of now', {
    parser: wholeNumber(),
  }),
};

export const active = defineCommand({
  name: 'active',
  summary: 'print where clients work now, or wait until that changes',
  description:
    'Prints alias, bootstrap address and epoch of the active cluster, from what the last move recorded: no broker is asked, so it costs a fraction of `kmk status`. A program that feeds addresses to clients (DNS, a configuration service) runs `kmk active --wait --since EPOCH` in a loop. `kmk watch --listen` serves the same at /active.',
  options: activeOptions,
  examples: ['kmk active', 'kmk active -o json', 'kmk active --wait --since 3', 'kmk active --wait --timeout 10m'],
  validate: ({ options }) => {
    if (options.since === undefined || options.wait) return;
    throw new KmkError('KMK_USAGE', '--since is for --wait', { hints: ['Run `kmk active --wait --since EPOCH`.'] });
  },
  needs: 'lab',
  handler: () => import('../commands/active.ts'),
});
