/** A byte order mark is part of a value, so it stays. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes of one `String.fromCharCode` call: its arguments lie on the stack. */
const CHUNK = 8192;

/** The text whose UTF-8 the bytes are; null where they are no UTF-8. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/** With padding, as RFC 4648 section 4. */
export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

/** For people: what is UTF-8 in the base64 as text, each other byte as `\xE9`. */
export function readableOf(base64: string): string {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  let text = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    const part = length === 0 ? null : textOf(bytes.subarray(at, at + length));
    text += part ?? `\\x${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
    at += part === null ? 1 : length;
  }
  return text;
}

/** Bytes of the UTF-8 sequence that begins here, by its first byte (RFC 3629); 0 where none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
  return at + length <= bytes.length ? length : 0;
}
