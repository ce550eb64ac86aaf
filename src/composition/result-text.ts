import type { FailoverDocument, ScenarioDocument } from '../domain/documents.ts';
import { renderResultText } from '../report/terminal.ts';

type Tones = Readonly<Record<'good' | 'warn' | 'bad' | 'strong' | 'faint', (text: string) => string>>;

/** A move's or a drill's result as text for a terminal. */
export function resultText(document: FailoverDocument | ScenarioDocument, tones: Tones): string {
  return renderResultText(document, (tone, text) => tones[tone === 'muted' ? 'faint' : tone](text));
}
