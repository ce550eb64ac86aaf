import { resolve } from 'node:path';
import type { Setup } from '../domain/setup.ts';
import { checkDocument } from './check-document.ts';
import { formatDiagnostic, invalidConfig, sortDiagnostics } from './diagnostics.ts';
import type { Mapping } from './document-value.ts';
import type { EffectiveValue } from './effective.ts';
import { effectiveDocument, effectiveValues } from './effective.ts';
import { findConfigFile, readNamedFile, shownPath } from './find-config-file.ts';
import type { Environment, FlagValues } from './overlay.ts';
import { overlay } from './overlay.ts';
import { parseYaml } from './yaml-document.ts';

export interface LoadedConfig {
  readonly setup: Setup;
  /** Absolute path of the file; null for the built-in lab. */
  readonly file: string | null;
  /** The setup in the shape of kmk.yaml: `kmk config show -o yaml`. */
  readonly document: Mapping;
  /** Every value with its origin, in the order of the document. */
  readonly effective: readonly EffectiveValue[];
  /** One line each, for stderr. */
  readonly warnings: readonly string[];
}

export interface LoadConfigOptions {
  /** As the user named it; absent: the nearest kmk.yaml at or above `cwd`, else the built-in lab. */
  readonly file?: string | undefined;
  readonly cwd: string;
  /** `process.env`, or part of it: only KMK_* is looked at. */
  readonly env: Environment;
  readonly flags?: FlagValues;
}

/** What an absent file means. */
const BUILT_IN = 'version: 1\n';

/**
 * Loads a setup. Throws KMK_CONFIG_FILE for a file that can not be read, KMK_CONFIG_INVALID with all diagnostics for
 * one that is wrong, KMK_USAGE when only flags are.
 */
export async function loadConfig({ file, cwd, env, flags = {} }: LoadConfigOptions): Promise<LoadedConfig> {
  const path = file === undefined ? await findConfigFile(cwd) : resolve(cwd, file);
  if (path === null) return { ...readConfig(BUILT_IN, { name: 'built-in config', env, flags }), file: null };
  const name = shownPath(path, cwd);
  return { ...readConfig(await readNamedFile(path, name), { name, env, flags }), file: path };
}

export interface ReadConfigOptions {
  /** What messages call the text. */
  readonly name: string;
  readonly env?: Environment;
  readonly flags?: FlagValues;
}

/** The same for a text at hand. Throws KMK_CONFIG_INVALID or KMK_USAGE. */
export function readConfig(
  text: string,
  { name, env = {}, flags = {} }: ReadConfigOptions,
): Omit<LoadedConfig, 'file'> {
  const yaml = parseYaml(text, name);
  if (yaml.syntaxErrors.length > 0) throw invalidConfig([...yaml.syntaxErrors, ...yaml.findings]);
  if (yaml.value === null && yaml.findings.length === 0) {
    const problem = 'the file is empty, expected a mapping that begins with "version: 1"';
    throw invalidConfig(
      [{ place: yaml.locate([]), path: '', problem }],
      ['Run `kmk init --force` to write a complete file.'],
    );
  }
  const overlaid = overlay(yaml.value, yaml.locate, env, flags);
  const { setup, errors, warnings } = checkDocument(overlaid.value, overlaid.locate);
  const wrong = [...yaml.findings, ...errors];
  if (setup === null || wrong.length > 0) throw invalidConfig(wrong);
  const document = effectiveDocument(setup);
  return {
    setup,
    document,
    effective: effectiveValues(document, overlaid.originOf),
    warnings: sortDiagnostics([...overlaid.warnings, ...warnings]).map(formatDiagnostic),
  };
}
