import { readConfig } from '../../../src/config/index.ts';
import type { Environment, FlagValues, LoadedConfig } from '../../../src/config/index.ts';
import { KmkError } from '../../../src/domain/errors.ts';

/** Diagnostics of a text that must be refused, one line each. */
export function errorsOf(text: string, env: Environment = {}, flags: FlagValues = {}): readonly string[] {
  const error = refusal(text, env, flags);
  return error.diagnostics.length > 0 ? error.diagnostics : [error.message];
}

export function refusal(text: string, env: Environment = {}, flags: FlagValues = {}): KmkError {
  try {
    readConfig(text, { name: 'kmk.yaml', env, flags });
  } catch (error) {
    if (KmkError.is(error)) return error;
    throw error;
  }
  throw new Error(`was not refused:\n${text}`);
}

export function read(text: string, env: Environment = {}, flags: FlagValues = {}): Omit<LoadedConfig, 'file'> {
  return readConfig(text, { name: 'kmk.yaml', env, flags });
}
