import { z } from 'zod';
import { DIRECTIONS, DISASTERS, FAULT_KINDS } from '../../domain/fault.ts';
import { PRODUCE_OUTCOMES, SCENARIO_CHECKS, WAIT_FOR } from '../../domain/scenario.ts';
import type { ScenarioCheck } from '../../domain/scenario.ts';
import { clusters } from '../cluster-schema.ts';
import { replication } from '../replication-schema.ts';
import { about, choice, duration, flag, integer, list, mapping, nonEmptyList, text } from '../schema-parts.ts';

const COUNT = 'a whole number from';
const NAME = text('a name of letters, digits, ".", "_" and "-", at most 100', /^[A-Za-z0-9._-]{1,100}$/);
const ALIAS = text('the alias of a cluster or a role such as active or standby', /^[A-Za-z0-9_-]+$/);
const SCOPE = text('site, links, brokers or one broker such as broker-2', /^(site|links|brokers|broker-[1-9]\d*)$/);
const PERCENT = z
  .number({ error: 'a number above 0, up to 100' })
  .gt(0, { error: 'a number above 0, up to 100' })
  .max(100, { error: 'a number above 0, up to 100' });
const CHECKS = Object.keys(SCENARIO_CHECKS) as ScenarioCheck[];

const topic = mapping({
  name: NAME,
  partitions: about(integer(1, 1000, `${COUNT} 1 to 1000`), 'Partitions, one writer each', 3),
  rate: about(integer(1, 1_000_000, `${COUNT} 1 to 1000000`), 'Records per second over all partitions', 200),
  size: about(integer(16, 1_000_000, `${COUNT} 16 to 1000000`), 'Bytes of a value', 256),
  writtenOn: about(nonEmptyList(ALIAS, 'a list of clusters'), 'Clusters that it is written on', ['active']),
});

const group = mapping({
  name: NAME,
  topics: about(nonEmptyList(NAME, 'a list of workload topics'), 'What it reads; default: every workload topic'),
  readsOn: about(ALIAS, 'Where it reads', 'active'),
  commit: about(duration(), 'Commit interval', '1s'),
});

const RECORDS = integer(1, 1_000_000_000, `${COUNT} 1`);

/** The actions by their keys: a step has exactly one of them. */
export const ACTIONS = {
  steady: about(
    mapping({ duration: duration().optional(), records: RECORDS.optional(), jitter: duration().optional() }),
    'Let the workload run: for a time, plus up to jitter as the seed says, or until that many records are acknowledged',
  ),
  drain: about(mapping({ timeout: duration().optional() }), 'Stop writing; wait until all is copied and processed'),
  disaster: about(
    mapping({ cluster: ALIAS.optional(), how: choice(...DISASTERS).optional() }),
    'Take a site away: its brokers and its Connect worker',
  ),
  fault: about(
    mapping({
      cluster: ALIAS.optional(),
      kind: choice(...FAULT_KINDS),
      scope: SCOPE.optional(),
      direction: about(choice(...DIRECTIONS), 'Of links: in is what others ask this site for', 'both'),
      delay: about(duration(), 'What latency adds to every round trip', '100ms'),
      percent: about(PERCENT, 'How many of a hundred packets loss takes', 1),
    }),
    'Break something that service survives; heal ends it, else the end of the drill',
  ),
  heal: about(mapping({}), 'End every fault and wait until the clusters answer'),
  failover: about(mapping({ force: flag().optional() }), 'Move service to the standby'),
  switchover: about(mapping({}), 'Move to the standby as planned'),
  failback: about(mapping({}), 'Bring the old active back and return to it'),
  wait: about(
    mapping({
      for: choice(...WAIT_FOR),
      max: integer(0, Number.MAX_SAFE_INTEGER, `${COUNT} 0`).optional(),
      timeout: duration().optional(),
    }),
    'Wait until no more than max are left',
  ),
  prompt: about(
    mapping({ text: text('a question'), lines: list(text('a line of text'), 'a list of lines').optional() }),
    'Ask a person before going on',
  ),
  produce: about(
    mapping({
      topic: NAME,
      cluster: ALIAS.optional(),
      messages: RECORDS.optional(),
      expect: about(
        choice(...PRODUCE_OUTCOMES),
        'refused: a cluster that clients have left takes none',
        'acknowledged',
      ),
    }),
    'Write plain records as a client',
  ),
  consume: about(
    mapping({ topic: NAME, cluster: ALIAS.optional(), messages: RECORDS.optional(), timeout: duration().optional() }),
    'Read plain records from the beginning as a client',
  ),
  check: about(nonEmptyList(choice(...CHECKS), 'a list of checks'), 'Read all logs and judge them'),
} as const;

export const scenarioSchema = mapping({
  version: z.literal(1, { error: '1' }).meta({ description: 'Version of the scenario language' }),
  name: text('lowercase letters, digits and "-", at most 60', /^[a-z0-9][a-z0-9-]{0,59}$/),
  summary: text('one line of text', /^[^\n]*\S[^\n]*$/),
  objectives: about(
    mapping({
      loss: about(
        mapping({ records: about(integer(0, Number.MAX_SAFE_INTEGER, `${COUNT} 0`), 'Records') }),
        'Tolerated loss at the failover, before the tail is resolved',
      ),
      recovery: about(duration(), 'Tolerated time until clients write and read again'),
      redelivered: about(integer(0, Number.MAX_SAFE_INTEGER, `${COUNT} 0`), 'Tolerated records processed again'),
    }),
    "What the drill is judged by; default: the setup's objectives",
  ),
  topology: about(
    mapping({
      clusters,
      replication: about(replication, 'How MM2 mirrors'),
      active: about(ALIAS, 'The cluster that clients use; default: the first'),
    }),
    'The lab that the drill brings along, on free ports; as in kmk.yaml',
  ),
  workload: about(
    mapping({
      topics: nonEmptyList(topic, 'a list of topics'),
      groups: about(list(group, 'a list of groups'), 'Consumer groups', []),
    }),
    'Ledgered clients: every record is numbered and accounted for',
  ),
  steps: nonEmptyList(
    mapping({ id: text('lowercase letters, digits and "-"', /^[a-z0-9][a-z0-9-]{0,59}$/).optional(), ...ACTIONS }),
    'a list of steps',
  ),
});

/** A scenario file after the schema and before defaults. */
export type ScenarioFile = z.infer<typeof scenarioSchema>;
export type StepFile = ScenarioFile['steps'][number];
