import { EXIT_CODES, type KmkError } from '../domain/errors.ts';
import type { Paint } from './paint.ts';

/** The JSON form of an error (`-o json`), on stdout. `diagnostics` is there where the error has several lines. */
export interface ErrorDocument {
  readonly schema: 'kmk.error/v1';
  readonly code: string;
  readonly kind: string;
  readonly message: string;
  readonly hints: readonly string[];
  readonly context: KmkError['context'];
  readonly diagnostics?: readonly string[];
}

export function exitCodeOf(error: KmkError): number {
  return EXIT_CODES[error.kind];
}

export function errorDocument(error: KmkError): ErrorDocument {
  const { diagnostics } = error;
  return {
    schema: 'kmk.error/v1',
    code: error.code,
    kind: error.kind,
    message: error.message,
    hints: error.hints,
    context: error.context,
    ...(diagnostics.length > 0 ? { diagnostics } : {}),
  };
}

/** For people: the error in one line, or its diagnostics one line each, then the hints. Ends with a line break. */
export function errorText(error: KmkError, paint: Paint): string {
  const soft = error.kind === 'declined' || error.kind === 'interrupted' || error.kind === 'terminated';
  const label = soft ? '' : `${paint.bad('error:')} `;
  const { diagnostics } = error;
  const messages = diagnostics.length > 0 ? diagnostics : [error.message];
  const lines = [
    ...messages.map((message) => `${label}${oneLine(message)}`),
    ...error.hints.map((hint) => `${paint.strong('hint:')} ${oneLine(hint)}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** Control characters would move the cursor or break the line; names with them are shown escaped. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, (char) => {
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
