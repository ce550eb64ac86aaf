/** kmk.yaml. Loads yaml and zod: import it when a command runs, never for help. `init-file.ts` alone is light. */
export { type LoadedConfig, loadConfig, readConfig } from './load-config.ts';
export type { Environment, FlagValues } from './overlay.ts';
export { configJsonSchema, configJsonSchemaText } from './json-schema.ts';
export { initFile, isPresetName, PRESET_NAMES, SCHEMA_FILE } from './init-file.ts';
export { CONFIG_FILE } from './find-config-file.ts';
