import type { CommandDefinition } from './define-command.ts';
import { completion } from './definitions/completion.ts';
import { configSchema, configShow, configValidate } from './definitions/config.ts';
import { init } from './definitions/init.ts';
import { consume, produce } from './definitions/records.ts';
import { deploy, destroy, failback, failover, status } from './definitions/lab.ts';

/** Every command, in the order of `kmk --help`. A command is added here and nowhere else. */
export const COMMANDS: readonly CommandDefinition[] = [
  init,
  deploy,
  status,
  produce,
  consume,
  failover,
  failback,
  destroy,
  configShow,
  configSchema,
  configValidate,
  completion,
];
