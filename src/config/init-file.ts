import { ACTIVE_PASSIVE } from './presets/active-passive.ts';
import { AGGREGATION } from './presets/aggregation.ts';
import { CONFLUENT_7_9 } from './presets/confluent-7.9.ts';
import { EXISTING } from './presets/existing.ts';
import { LAB } from './presets/lab.ts';
import { MIGRATION } from './presets/migration.ts';

/** Presets of `kmk init`, the default one first. */
const PRESETS = {
  lab: LAB,
  'active-passive': ACTIVE_PASSIVE,
  migration: MIGRATION,
  aggregation: AGGREGATION,
  existing: EXISTING,
  'confluent-7.9': CONFLUENT_7_9,
} as const;

export type PresetName = keyof typeof PRESETS;

export const PRESET_NAMES: readonly PresetName[] = Object.keys(PRESETS).filter(isPresetName);

export function isPresetName(text: string): text is PresetName {
  return Object.hasOwn(PRESETS, text);
}

/** Lies beside kmk.yaml, so that editors complete it without a network: `configJsonSchemaText()` goes there. */
export const SCHEMA_FILE = 'kmk.schema.json';

/** The text of a commented kmk.yaml; its first line names the schema for editors. Loads no parser. */
export function initFile(preset: PresetName = 'lab'): string {
  return `# yaml-language-server: $schema=./${SCHEMA_FILE}\n${PRESETS[preset]}`;
}
