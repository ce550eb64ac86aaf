import { fnv1a } from '../hash.ts';

const BASE64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** 16 bytes in base64url without padding, as Kafka's Uuid prints them. */
const ID_LENGTH = 22;

/**
 * The KRaft cluster id that a rendered file names: 22 characters, the same for the same project and alias, so that
 * rendering twice gives the same bytes and a volume keeps fitting its file.
 */
export function renderedClusterId(project: string, alias: string): string {
  const half = (part: number): string => fnv1a(JSON.stringify([project, alias, part]));
  // 22 characters hold 132 bits; the last four are zero in the canonical encoding of 128.
  const bits = BigInt(`0x${half(0)}${half(1)}`) << 4n;
  const characters = Array.from({ length: ID_LENGTH }, (_, index) => {
    const sextet = (bits >> BigInt(6 * (ID_LENGTH - 1 - index))) & 63n;
    return BASE64_URL.charAt(Number(sextet));
  });
  const id = characters.join('');
  // An id that begins with "-" would be taken for an option by command-line tools.
  return id.startsWith('-') ? `A${id.slice(1)}` : id;
}
