/** One element; mixed content is not kept apart. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
}

const CHARACTER = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

/**
 * Parses the XML that a JUnit report may use: elements, attributes in double quotes, text, the five entities and
 * decimal references. Everything else, and whatever is not well-formed, throws.
 */
export function parseXml(text: string): XmlElement {
  if (!CHARACTER.test(text)) throw new Error('a character that XML 1.0 cannot hold');
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  if (body === text) throw new Error('no XML declaration');
  const holder: XmlElement = { name: '', attributes: {}, children: [] };
  const open = [holder];
  for (const [token] of body.matchAll(/<[^>]*>|[^<]+|</g)) {
    const parent = open.at(-1);
    if (parent === undefined) throw new Error('content after the root');
    if (!token.startsWith('<')) {
      if (open.length === 1 && token.trim() !== '') throw new Error(`text outside the root: ${token}`);
      decode(token);
      continue;
    }
    const close = /^<\/([a-z]+)>$/.exec(token)?.[1];
    if (close !== undefined) {
      if (open.pop()?.name !== close) throw new Error(`${token} closes another element`);
      continue;
    }
    const element = parseTag(token);
    parent.children.push(element);
    if (!token.endsWith('/>')) open.push(element);
  }
  const [root, ...more] = holder.children;
  if (root === undefined || more.length > 0 || open.length !== 1) throw new Error('not exactly one complete root');
  return root;
}

function parseTag(token: string): XmlElement {
  const match = /^<([a-z]+)((?: [a-z]+="[^"<]*")*)\/?>$/.exec(token);
  if (match === null) throw new Error(`not a tag: ${token}`);
  const [, name = '', rest = ''] = match;
  const attributes: Record<string, string> = {};
  for (const [, key = '', value = ''] of rest.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
    if (key in attributes) throw new Error(`${key} is given twice in ${token}`);
    attributes[key] = decode(value);
  }
  return { name, attributes, children: [] };
}

function decode(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(text)) throw new Error(`a bare ampersand in ${text}`);
  return text.replace(/&(?:([a-z]+)|#(\d+));/g, (_all, name: string | undefined, code: string | undefined) =>
    name === undefined ? String.fromCodePoint(Number(code)) : (ENTITIES[name] ?? ''),
  );
}
