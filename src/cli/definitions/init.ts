import { PRESET_NAMES } from '../../config/init-file.ts';
import { defineCommand } from '../define-command.ts';
import { flag, value } from '../option.ts';
import { oneOf } from '../value-parsers.ts';

export const initOptions = {
  preset: value('--preset <name>', 'what to start from', { parser: oneOf(...PRESET_NAMES), default: 'lab' }),
  force: flag('--force', 'overwrite the file if it exists'),
};

export const init = defineCommand({
  name: 'init',
  summary: 'write a commented kmk.yaml',
  description:
    'Writes kmk.yaml (or the file that -c names) and, beside it, the JSON Schema that editors complete it with.',
  options: initOptions,
  examples: ['kmk init', 'kmk init --preset active-passive', 'kmk init -c shop/kmk.yaml'],
  needs: 'nothing',
  handler: () => import('../commands/init.ts'),
});
