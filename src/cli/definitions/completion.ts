import { defineCommand } from '../define-command.ts';
import { argument } from '../option.ts';
import { oneOf } from '../value-parsers.ts';

export const completionArgs = {
  shell: argument('<shell>', 'shell to complete in', oneOf('bash', 'zsh', 'fish')),
};

export const completion = defineCommand({
  name: 'completion',
  summary: 'print a completion script for a shell',
  description: "Load it with `source <(kmk completion bash)`, or write it to your shell's completion folder.",
  args: completionArgs,
  examples: ['source <(kmk completion bash)', 'kmk completion zsh > ~/.zfunc/_kmk', 'kmk completion fish | source'],
  needs: 'nothing',
  handler: () => import('../commands/completion.ts'),
});
