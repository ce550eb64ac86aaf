import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { about, choice, flag, integer, mapping, named, nonEmptyList, port, text } from './schema-parts.ts';

/** Topics are prefixed with aliases and services are named after them; 63 is the longest host name part. */
const ALIAS = text('an alias of 1 to 63 letters, digits, "_" and "-"', /^[A-Za-z0-9_-]{1,63}$/);
const HOST_PORT = /^(?:[^\s:,/[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/;

const FILE = 'the path of a file';
const PORT_OR_AUTO = 'a port from 1 to 65535, or auto';

const sasl = mapping({
  mechanism: choice('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER').meta({ description: 'SASL mechanism' }),
  username: about(text('a user name or a reference such as ${env:KAFKA_USER}'), 'User name, or a reference to it'),
  password: about(
    text('a reference such as ${env:KAFKA_PASSWORD}'),
    '${env:NAME} or ${file:PATH:KEY}, never the password itself',
  ),
});

const tls = mapping({
  ca: about(text(FILE), 'PEM file with the certificates to trust'),
  cert: about(text(FILE), 'PEM file with the client certificate'),
  key: about(text(FILE), 'PEM file with the client key'),
  truststore: about(text(FILE), 'Java trust store, for MM2 and Connect'),
  keystore: about(text(FILE), 'Java key store, for MM2 and Connect'),
  verifyHostname: about(flag(), 'Whether the certificate must name the broker', true),
});

const security = mapping({
  protocol: choice('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL').meta({
    description: 'Security protocol of the listener',
  }),
  sasl: about(sasl, 'Authentication, for SASL_PLAINTEXT and SASL_SSL'),
  tls: about(tls, 'Certificates, for SSL and SASL_SSL'),
});

/** Both kinds of cluster in one mapping: the rules tell them apart by `bootstrap`, with a better message than a union. */
const cluster = mapping(
  {
    brokers: about(
      integer(1, 5, 'a number of brokers from 1 to 5'),
      'Brokers of a lab cluster, 1 to 5',
      DEFAULTS.brokers,
    ),
    port: about(
      z.union([port(PORT_OR_AUTO), z.literal('auto')], { error: PORT_OR_AUTO }),
      "The first broker's client port; auto picks a free one",
    ),
    advertisedHost: about(
      text('a host name or address', /^[^\s:,/]+$/),
      'Host that the brokers of a lab tell their clients',
    ),
    bootstrap: about(
      nonEmptyList(text('host:port such as broker1:9092', HOST_PORT), 'a list of host:port such as ["broker1:9092"]'),
      'Brokers of a cluster that exists already: kmk never starts or stops it',
    ),
    clusterId: about(text('a cluster id in quotes'), 'Must match before anything is changed'),
    security: about(security, 'How to reach an existing cluster'),
    connect: about(
      mapping({ url: text('an http or https URL', /^https?:\/\/[^\s/]+/).meta({ description: 'REST URL' }) }),
      'The Connect cluster that runs the flows whose target this cluster is',
    ),
  },
  'a mapping (a lab cluster has brokers and port, an existing one bootstrap)',
);

export const clusters = named(ALIAS, cluster, 'a mapping of aliases to clusters').refine(
  (value) => Object.keys(value).length >= 2,
  { error: 'at least two clusters' },
);
