const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 16 bytes in base64url without padding, as Kafka's Uuid prints them. */
const ID_LENGTH = 22;

/**
 * The KRaft cluster id a rendered file names: 22 characters, the same for the same project and alias, so that
 * rendering twice gives the same bytes and a volume keeps fitting its file.
 */
export function renderedClusterId(project: string, alias: string): string {
  let id = '';
  for (let index = 0; index < ID_LENGTH; index += 1) {
    const hash = fnv1a(`${project}\n${alias}\n${index}`);
    // The last character carries only two bits of the 128: the other four are zero in a canonical encoding.
    const bits = index === ID_LENGTH - 1 ? (hash & 3) << 4 : hash & 63;
    id += BASE64_URL.charAt(bits);
  }
  // An id that begins with "-" would be taken for an option by command-line tools.
  return id.startsWith('-') ? `A${id.slice(1)}` : id;
}

/** 32-bit FNV-1a with the upper half folded in: the low bits of plain FNV are weak. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 15) ^ (hash >>> 7)) >>> 0;
}
