/**
 * Reads text as `java.util.Properties.load(InputStream)` does: ISO 8859-1, natural lines joined to logical ones,
 * separators, escapes. Written from its documentation, as a second opinion on what kmk writes.
 */
export function parseProperties(text: string): Map<string, string> {
  const latin1 = Buffer.from(text, 'utf8').toString('latin1');
  const entries = new Map<string, string>();
  for (const line of logicalLines(latin1)) {
    let end = 0;
    while (end < line.length && !'=: \t\f'.includes(line[end]!)) end += line[end] === '\\' ? 2 : 1;
    let start = end;
    while (start < line.length && ' \t\f'.includes(line[start]!)) start += 1;
    if (start < line.length && '=:'.includes(line[start]!)) {
      start += 1;
      while (start < line.length && ' \t\f'.includes(line[start]!)) start += 1;
    }
    entries.set(unescape(line.slice(0, end)), unescape(line.slice(start)));
  }
  return entries;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open: string | null = null;
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (open === null && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const logical: string = (open ?? '') + line;
    const continues = (/\\*$/.exec(logical)?.[0].length ?? 0) % 2 === 1;
    open = continues ? logical.slice(0, -1) : null;
    if (!continues) lines.push(logical);
  }
  if (open !== null) lines.push(open);
  return lines;
}

function unescape(text: string): string {
  const named: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' };
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, hex: string | undefined, single: string) =>
    hex === undefined ? (named[single] ?? single) : String.fromCharCode(parseInt(hex, 16)),
  );
}
