import type { CommandDefinition } from './define-command.ts';
import { completion } from './definitions/completion.ts';

/** Every command, in the order of `kmk --help`. A command is added here and nowhere else. */
export const COMMANDS: readonly CommandDefinition[] = [completion];
