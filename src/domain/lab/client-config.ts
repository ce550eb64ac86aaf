import type { Sasl, Security, Tls } from '../setup.ts';
import type { ClusterLayout } from './layout.ts';
import { bootstrapFrom } from './layout.ts';
import type { InternalUser } from './properties.ts';
import { secretRef } from './properties.ts';

const LOGIN_MODULES: Readonly<Record<Sasl['mechanism'], string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
};

/**
 * Client settings for a cluster, by MM2 on this lab or with the credentials an existing cluster was given. `site` is
 * where the client is: the alias of the cluster that its worker belongs to.
 */
export function clientConfig(
  cluster: ClusterLayout,
  user: InternalUser,
  site: string,
): Readonly<Record<string, string>> {
  const bootstrap = { 'bootstrap.servers': bootstrapFrom(cluster, site) };
  if (cluster.cluster.kind === 'existing') return { ...bootstrap, ...securityConfig(cluster.cluster.security) };
  return {
    ...bootstrap,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': jaasConfig({ mechanism: 'PLAIN', username: user, password: secretRef(user) }),
  };
}

function securityConfig(security: Security): Record<string, string> {
  const { protocol, sasl, tls } = security;
  return {
    'security.protocol': protocol,
    ...(sasl === undefined ? {} : { 'sasl.mechanism': sasl.mechanism, 'sasl.jaas.config': jaasConfig(sasl) }),
    ...(tls === undefined ? {} : tlsConfig(tls)),
  };
}

function jaasConfig(sasl: Sasl): string {
  const credentials = [
    sasl.username === undefined ? '' : ` username="${jaasText(sasl.username)}"`,
    sasl.password === undefined ? '' : ` password="${jaasText(sasl.password)}"`,
  ];
  return `${LOGIN_MODULES[sasl.mechanism]} required${credentials.join('')};`;
}

/** Inside the quotes of a JAAS entry, where a backslash escapes as in Java. A config reference holds neither. */
function jaasText(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}

function tlsConfig(tls: Tls): Record<string, string> {
  const entries: Record<string, string> = {};
  const store = (name: 'truststore' | 'keystore', path: string, pem = path.endsWith('.pem')): void => {
    if (pem) entries[`ssl.${name}.type`] = 'PEM';
    entries[`ssl.${name}.location`] = path;
  };
  if (tls.ca !== undefined) store('truststore', tls.ca, true);
  if (tls.truststore !== undefined) store('truststore', tls.truststore);
  if (tls.keystore !== undefined) store('keystore', tls.keystore);
  if (tls.cert !== undefined && tls.key !== undefined) {
    // Kafka takes certificate and key from two files only as values, which DirectoryConfigProvider reads whole.
    entries['ssl.keystore.type'] = 'PEM';
    entries['ssl.keystore.certificate.chain'] = fileContent(tls.cert);
    entries['ssl.keystore.key'] = fileContent(tls.key);
  }
  if (!tls.verifyHostname) entries['ssl.endpoint.identification.algorithm'] = '';
  return entries;
}

function fileContent(path: string): string {
  const slash = path.lastIndexOf('/');
  return `\${directory:${slash < 0 ? '.' : path.slice(0, Math.max(1, slash))}:${path.slice(slash + 1)}}`;
}
