import type { DocumentPath } from '../diagnostics.ts';
import { isSecretPath, mismatch } from '../diagnostics.ts';
import { clusterEntries } from '../normalise.ts';
import type { Rule } from './rule.ts';

/** What Kafka's config providers resolve: `${env:NAME}` or `${file:PATH:KEY}` and nothing around it. */
const REFERENCE = /^\$\{(?:env:[A-Za-z_][A-Za-z0-9_]*|file:[^:{}]+:[^:{}]+)\}$/;
const EXPECTED = 'a reference such as ${env:KAFKA_PASSWORD} or ${file:/path/to/file:key}, never the secret itself';

export function isSecretReference(text: string): boolean {
  return REFERENCE.test(text);
}

/** Secrets of clusters are references, and what is no secret holds none. */
export const clusterSecrets: Rule = ({ file, refuse }) => {
  for (const [alias, { security, connect }] of clusterEntries(file)) {
    const at = (...path: readonly string[]): DocumentPath => ['clusters', alias, ...path];
    const { username, password } = security?.sasl ?? {};
    if (password !== undefined && !isSecretReference(password))
      refuse(at('security', 'sasl', 'password'), mismatch('"***"', EXPECTED));
    if (username?.startsWith('${') === true && !isSecretReference(username)) {
      refuse(
        at('security', 'sasl', 'username'),
        mismatch(JSON.stringify(username), 'a name, ${env:NAME} or ${file:PATH:KEY}'),
      );
    }
    if (security?.tls?.key?.includes('-----') === true) {
      refuse(at('security', 'tls', 'key'), mismatch('"***"', 'the path of a PEM file, never the key itself'));
    }
    if (connect !== undefined && /\/\/[^/]*@/.test(connect.url)) {
      refuse(at('connect', 'url'), mismatch('a URL with credentials in it', 'one without'));
    }
  }
};

/** Options that hold secrets take references too; a JAAS line may hold them in its values. */
export const optionSecrets: Rule = ({ setup, refuse }) => {
  for (const [index, flow] of setup.replication.flows.entries()) {
    for (const [option, value] of Object.entries(flow.config)) {
      if (!isSecretPath([option]) || isSecretReference(value)) continue;
      const isJaas = option.endsWith('jaas.config');
      const secrets = isJaas
        ? [...value.matchAll(/(?:password|secret)\w*\s*=\s*(?:"([^"]*)"|([^\s;]+))/gi)]
        : [[value, value]];
      if (secrets.every(([, quoted, bare]) => isSecretReference(quoted ?? bare ?? ''))) continue;
      refuse(['replication', 'flows', index, 'config', option], mismatch('"***"', EXPECTED));
    }
  }
};

/** Protocol, SASL and TLS have to belong together: Kafka clients ignore what does not, without a word. */
export const securityParts: Rule = ({ file, refuse }) => {
  for (const [alias, { security }] of clusterEntries(file)) {
    if (security === undefined) continue;
    const { protocol, sasl, tls } = security;
    const at: DocumentPath = ['clusters', alias, 'security'];
    const about = [
      [...at, 'sasl'],
      [...at, 'tls'],
      [...at, 'protocol'],
    ];
    const wantsSasl = protocol.startsWith('SASL_');
    if (wantsSasl && sasl === undefined) refuse(at, `"sasl" is missing, expected it with protocol ${protocol}`, about);
    if (!wantsSasl && sasl !== undefined)
      refuse(
        [...at, 'sasl'],
        `"sasl" has no effect with protocol ${protocol}, expected SASL_SSL or SASL_PLAINTEXT`,
        about,
      );
    if (!protocol.endsWith('SSL') && tls !== undefined)
      refuse([...at, 'tls'], `"tls" has no effect with protocol ${protocol}, expected SSL or SASL_SSL`, about);
    if (sasl !== undefined && sasl.mechanism !== 'OAUTHBEARER') {
      for (const key of ['username', 'password'] as const) {
        if (sasl[key] === undefined)
          refuse([...at, 'sasl'], `"${key}" is missing, expected it with mechanism ${sasl.mechanism}`, about);
      }
    }
    if (tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined)) {
      refuse(
        [...at, 'tls'],
        `"${tls.cert === undefined ? 'cert' : 'key'}" is missing, expected cert and key together`,
        about,
      );
    }
  }
};
