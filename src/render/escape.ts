/**
 * One function per output format that turns any string into text which reads back as that very string.
 * Handlebars' own escaping is for HTML and is switched off.
 */

const NAMED: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
};

/** `java.util.Properties.load` reads ISO 8859-1, so whatever is not printable ASCII becomes `\uXXXX`. */
function propertyText(text: string): string {
  return text.replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, (unit) => NAMED[unit] ?? unicodeEscape(unit));
}

/** The `u` flag is absent in the callers' patterns: each UTF-16 unit is escaped by itself, as Java wants it. */
function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A key of a Java properties file: separators, comment signs and blanks would end it or hide it. */
export function escapePropertyKey(key: string): string {
  return propertyText(key).replaceAll(/[ =:#!]/g, '\\$&');
}

/** A value of a Java properties file after `key=`: leading blanks would be skipped, trailing ones lost in editors. */
export function escapePropertyValue(value: string): string {
  const escaped = propertyText(value);
  const leading = /^ */.exec(escaped)?.[0].length ?? 0;
  const rest = escaped.slice(leading);
  const trailing = / *$/.exec(rest)?.[0].length ?? 0;
  return '\\ '.repeat(leading) + rest.slice(0, rest.length - trailing) + '\\ '.repeat(trailing);
}

/** One line of a `#` comment, in properties, YAML or shell. */
export function escapeComment(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ');
}

/** A JSON value of any kind. */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value);
}

/**
 * A double-quoted YAML scalar: a JSON string in which what YAML 1.1 parsers refuse or fold (C1 controls, NEL, LS, PS,
 * byte order mark) is escaped too. Always quoted, so that `no`, `1e3` or `22:22` stay strings.
 */
export function escapeYaml(text: string): string {
  return JSON.stringify(text).replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, unicodeEscape);
}

/** A YAML scalar of a Compose file, where `$` would start a variable. */
export function escapeCompose(text: string): string {
  return escapeYaml(text.replaceAll('$', '$$$$'));
}

/** One word of a POSIX shell. */
export function escapeShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
