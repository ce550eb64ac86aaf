/**
 * kmk.yaml, and what a second kind of YAML file needs (positions, diagnostics, schema parts). Loads yaml and zod: import
 * it when a command runs, never for help. `init-file.ts` alone is light.
 */
export {
  type LoadConfigOptions,
  type LoadedConfig,
  loadConfig,
  type ReadConfigOptions,
  readConfig,
} from './load-config.ts';
export type { EffectiveValue } from './effective.ts';
export type { Environment, FlagValues, Origin } from './overlay.ts';
export { configJsonSchema, configJsonSchemaText } from './json-schema.ts';
export { initFile, isPresetName, PRESET_NAMES, type PresetName, SCHEMA_FILE } from './init-file.ts';
export { CONFIG_FILE, findConfigFile, readNamedFile, shownPath } from './find-config-file.ts';
export {
  type Diagnostic,
  type DocumentPath,
  formatDiagnostic,
  invalidConfig,
  mismatch,
  type Place,
} from './diagnostics.ts';
export { type Locate, parseYaml, type YamlDocument } from './yaml-document.ts';
export { type SchemaFinding, schemaFindings } from './schema-issues.ts';
