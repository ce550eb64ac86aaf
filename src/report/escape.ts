/**
 * Escaping for every format that a report is written in. Topic, group, check and error texts come from users and
 * brokers: nothing of them may become markup, a terminal control sequence or an XML parse error.
 */
const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For text and attributes of HTML, SVG and XML. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => MARKUP[character] ?? character);
}

/**
 * For XML text and attributes: also removes what XML 1.0 cannot hold at all (most control characters, lone surrogates,
 * U+FFFE and U+FFFF) and keeps line breaks and tabs through attribute normalisation.
 */
export function escapeXml(text: string): string {
  return escapeMarkup(text.replace(LONE_SURROGATES, '\ufffd').replace(XML_FORBIDDEN, '')).replace(
    /[\t\n\r]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
}

/** With the flag "u" a surrogate matches only where it is not half of a pair. */
const LONE_SURROGATES = /[\ud800-\udfff]/gu;
const XML_FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;

/** JSON for a `<script type="application/json">`: no "<" is left that could end the element or open a comment. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** For running text and table cells of Markdown: one line, no markup. An underscore inside a word is none, nor is
 * ">" anywhere but at the start of a line, where no text of ours stands. */
export function escapeMarkdown(text: string): string {
  return plainLine(text)
    .replace(/[\\`*[\]|~#!]/g, (character) => `\\${character}`)
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
}

/** One line without control characters: what a terminal may be given. */
export function plainLine(text: string): string {
  return text.replace(LONE_SURROGATES, '\ufffd').replace(/\s+/g, ' ').replace(TERMINAL_CONTROLS, '\ufffd').trim();
}

/** C0, DEL, C1 (8-bit escape sequences) and the marks that reorder text. */
const TERMINAL_CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
