import type { OutputFormat } from './global-options.ts';

/** A document as text with a trailing line break: pretty JSON, one-line JSON for jsonl, or YAML. */
export async function serialise(document: object, format: Exclude<OutputFormat, 'human'>): Promise<string> {
  if (format === 'jsonl') return `${JSON.stringify(document, bigintAsString)}\n`;
  if (format === 'json') return `${JSON.stringify(document, bigintAsString, 2)}\n`;
  const { stringify } = await import('yaml');
  // Through JSON first: YAML then shows exactly the fields and types of the JSON document.
  return stringify(JSON.parse(JSON.stringify(document, bigintAsString)), { lineWidth: 0 });
}

/** Offsets are decimal strings in every document. */
function bigintAsString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
