import { z } from 'zod';
import { configSchema } from './schema.ts';

/** JSON Schema (draft 7, which editors read) of kmk.yaml as it is written. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return { title: 'kmk.yaml', description: 'Disaster recovery of Kafka with MirrorMaker 2', ...schema };
}

/** The same as a file's text: `kmk config schema`, docs/kmk.schema.json and what `kmk init` writes beside kmk.yaml. */
export function configJsonSchemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}
