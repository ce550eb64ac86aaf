import { z } from 'zod';
import { clusters } from './cluster-schema.ts';
import { DEFAULTS } from './defaults.ts';
import { replication } from './replication-schema.ts';
import {
  about,
  choice,
  duration,
  flag,
  integer,
  list,
  mapping,
  named,
  nonEmptyList,
  port,
  text,
} from './schema-parts.ts';

const COUNT = integer(0, Number.MAX_SAFE_INTEGER, 'a whole number from 0');
/** A broker needs some 10 MiB for its metadata log and preallocates 10 MiB for an index of each new segment. */
const DISK = integer(0, 65_536, '0, or from 64 to 65536').refine((value) => value === 0 || value >= 64, {
  error: '0, or from 64 to 65536',
});
/** Only these lines of Kafka have what kmk needs (KIP-875, KIP-980) and jars or images that it knows how to get. */
const VERSION = text('a version of 3.9 or 4.x in quotes such as "4.3.1"', /^(?:3\.9|4\.\d{1,2})\.\d{1,2}$/);
const IMAGE = text(
  'an image such as "mirror.example.com/apache/kafka:4.3.1" or one with a digest',
  /^[a-z0-9][a-z0-9._-]*(?::\d+)?(?:\/[a-z0-9._-]+)*(?::[\w.-]+)?(?:@sha256:[a-f0-9]{64})?$/i,
);
const NAMES = 'a list of names or Java regular expressions';
const ARGV = nonEmptyList(
  z.string({ error: 'text' }),
  'an argv list such as ["notify", "--now"], never a shell string',
);

/**
 * kmk.yaml as it is written: everything but `version` may be left out. The one definition of the file: the types,
 * the messages and the JSON Schema come from it; rules that need more than one value are in rules/.
 */
export const configSchema = mapping({
  version: z.literal(1, { error: '1' }).meta({ description: 'Version of this file format' }),
  name: about(
    text('a project name of lowercase letters, digits, "_" and "-", at most 63', /^[a-z0-9][a-z0-9_-]{0,62}$/),
    'Project: labels, container and network names, state',
    DEFAULTS.name,
  ),
  runtime: about(
    choice('auto', 'docker', 'local'),
    'auto: Docker if it answers and has the images, else local JVMs',
    DEFAULTS.runtime,
  ),
  kafka: about(
    mapping({
      version: about(VERSION, '4.3.1 and 3.9.2 are tested', DEFAULTS.kafka.version),
      distribution: about(
        choice('apache', 'confluent'),
        'confluent is 7.9 with Kafka 3.9',
        DEFAULTS.kafka.distribution,
      ),
      mode: about(choice('kraft', 'zookeeper'), 'zookeeper with 3.9 only', DEFAULTS.kafka.mode),
    }),
    'The Kafka of the lab clusters',
  ),
  clusters: about(clusters, 'Aliases and their clusters; replaces the default two as a whole'),
  replication: about(replication, 'How MM2 mirrors'),
  active: about(text('the alias of a cluster'), 'The cluster that clients use; default: the first'),
  ui: about(
    mapping({
      enabled: about(flag(), 'Start the UI', DEFAULTS.ui.enabled),
      port: about(port(), 'Its port', DEFAULTS.ui.port),
    }),
    'Kafka UI of the lab',
  ),
  images: about(
    mapping({
      kafka: about(IMAGE, 'Instead of apache/kafka or confluentinc/cp-kafka'),
      connect: about(IMAGE, 'Instead of apache/kafka or confluentinc/cp-kafka-connect'),
      zookeeper: about(IMAGE, 'Instead of apache/kafka or confluentinc/cp-zookeeper'),
      ui: about(IMAGE, 'Instead of ghcr.io/kafbat/kafka-ui'),
      network: about(IMAGE, 'Instead of nicolaka/netshoot: has ip and tc, for latency and loss in drills'),
    }),
    'Container images from a mirror, with another tag or a digest',
    {},
  ),
  faults: about(
    mapping({
      network: about(
        flag(),
        'Local runtime: a gate before each site, so that its network can be cut, slowed and made to lose packets',
        DEFAULTS.faults.network,
      ),
      diskMb: about(
        DISK,
        "MiB of each broker's own disk in memory, so that it can be full; 0 is the disk of the machine",
        DEFAULTS.faults.diskMb,
      ),
    }),
    'What drills may do to the lab besides ending and freezing processes',
  ),
  objectives: about(
    mapping({
      loss: about(
        mapping({ records: about(COUNT, 'Records', DEFAULTS.objectives.loss.records) }),
        'Tolerated loss at a failover',
      ),
      recovery: about(duration(), 'Tolerated time until clients work again', DEFAULTS.objectives.recovery),
      redelivered: about(COUNT, 'Tolerated records that consumers read twice', DEFAULTS.objectives.redelivered),
    }),
    'What a failover is judged by',
  ),
  standby: about(
    mapping({
      writes: about(
        choice('refused', 'allowed'),
        'Whether clients may write on a cluster that is not active; allowed needs a flow that copies it back',
        DEFAULTS.standby.writes,
      ),
    }),
    'What a cluster that is not active lets clients do',
  ),
  fence: about(
    mapping({
      strategies: about(
        list(choice('acl', 'hook'), 'a list of acl and hook'),
        'How the old active is kept from taking writes',
        DEFAULTS.fence.strategies,
      ),
      principals: about(
        list(text('a principal such as User:app', /^[A-Za-z]+:.+$/), 'a list of principals'),
        'Principals to fence, besides clients',
        [],
      ),
    }),
    'Fence',
  ),
  waves: about(
    list(
      mapping({
        topics: about(list(text('a topic'), NAMES), 'Topics', []),
        groups: about(list(text('a group'), NAMES), 'Groups', []),
      }),
      'a list of waves',
    ),
    'Parts of a switchover, in order',
    [],
  ),
  watch: about(
    mapping({
      checks: about(
        integer(1, 1000, 'a number of checks from 1 to 1000'),
        'Failed checks in a row before a failover',
        DEFAULTS.watch.checks,
      ),
      witnesses: about(
        list(text('an http or https URL', /^https?:\/\/[^\s/]+/), 'a list of URLs'),
        'Other kmk watch processes',
        [],
      ),
    }),
    'Watch',
  ),
  hooks: about(
    named(
      text('before-STEP, after-STEP or undo-STEP', /^(?:before|after|undo)-[a-z0-9][a-z0-9-]*$/),
      list(ARGV, 'a list of argv lists such as [["notify", "--now"]], never shell strings'),
      'a mapping of before-STEP, after-STEP or undo-STEP to commands',
    ),
    'Commands around named steps: argv lists, never shell strings',
    {},
  ),
  hookPolicy: about(
    mapping({
      timeout: about(duration(), 'How long a command may take', DEFAULTS.hookPolicy.timeout),
      onFailure: about(
        choice('stop', 'continue'),
        'Whether a move stops where a command fails or takes too long',
        DEFAULTS.hookPolicy.onFailure,
      ),
    }),
    'What holds for every hook',
  ),
});

/** kmk.yaml after the schema and before defaults. */
export type ConfigFile = z.infer<typeof configSchema>;
