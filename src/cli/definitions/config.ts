import { defineCommand } from '../define-command.ts';

export const configShow = defineCommand({
  name: 'config show',
  summary: 'print each effective value with its origin',
  description: 'Origins, the strongest first: flag, env (a KMK_* variable), file, default.',
  examples: ['kmk config show', 'KMK_RUNTIME=local kmk config show -o json'],
  needs: 'config',
  handler: () => import('../commands/config-show.ts'),
});

export const configSchema = defineCommand({
  name: 'config schema',
  summary: 'print the JSON Schema of kmk.yaml',
  examples: ['kmk config schema > kmk.schema.json'],
  needs: 'nothing',
  handler: () => import('../commands/config-schema.ts'),
});

export const configValidate = defineCommand({
  name: 'config validate',
  summary: 'check kmk.yaml and report everything that is wrong',
  examples: ['kmk config validate', 'kmk config validate -c other.yaml -o json'],
  needs: 'config',
  handler: () => import('../commands/config-validate.ts'),
});
