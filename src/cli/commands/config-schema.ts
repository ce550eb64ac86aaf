import type { CommandResult } from '../define-command.ts';

/** The JSON Schema as it is, whatever the output format: editors read nothing else. */
export async function run(): Promise<CommandResult> {
  const { configJsonSchemaText } = await import('../../config/index.ts');
  return { human: configJsonSchemaText().trimEnd() };
}
