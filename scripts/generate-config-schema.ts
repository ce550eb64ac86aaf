import { writeFile } from 'node:fs/promises';
import { configJsonSchemaText } from '../src/config/json-schema.ts';

/** Writes docs/kmk.schema.json: `npx tsx scripts/generate-config-schema.ts`. A test fails while it differs. */
await writeFile(new URL('../docs/kmk.schema.json', import.meta.url), configJsonSchemaText());
