import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { about, choice, flag, list, mapping, named, nonEmptyList, text } from './schema-parts.ts';

const PATTERN = text('a Java regular expression in quotes');
const ALIAS = text('the alias of a cluster');

/** Numbers beyond 2^53 would be written to Connect with other digits than the file has. */
const OPTION_VALUE = 'text, a number or true | false (a number above 2^53 in quotes)';
const OPTION = z.union(
  [
    z.string(),
    z.boolean(),
    z.number().refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), { error: OPTION_VALUE }),
  ],
  { error: OPTION_VALUE },
);

const flow = mapping({
  source: ALIAS.meta({ description: 'Alias of the cluster that is read' }),
  target: ALIAS.meta({ description: 'Alias of the cluster that is written' }),
  topics: about(
    nonEmptyList(PATTERN, 'a list of at least one Java regular expression'),
    'Topics to mirror: Java regular expressions that match whole names, without commas',
    DEFAULTS.patterns,
  ),
  topicsExclude: about(
    list(PATTERN, 'a list of Java regular expressions'),
    "Topics to leave out, besides MM2's own excludes",
    [],
  ),
  groups: about(
    list(PATTERN, 'a list of Java regular expressions'),
    'Consumer groups whose offsets are translated',
    DEFAULTS.patterns,
  ),
  groupsExclude: about(
    list(PATTERN, 'a list of Java regular expressions'),
    "Groups to leave out, besides MM2's own excludes",
    [],
  ),
  config: about(
    named(text('the name of an MM2 option'), OPTION, 'a mapping of MM2 options to values'),
    'Any MM2 connector option by its own name, applied last',
    {},
  ),
});

export const replication = mapping({
  mode: about(
    choice('connect', 'dedicated'),
    'MM2 on Kafka Connect, or as a process of its own',
    DEFAULTS.replication.mode,
  ),
  policy: about(
    choice('default', 'identity'),
    'Names of copies: default puts the source alias before them, identity keeps them',
    DEFAULTS.replication.policy,
  ),
  separator: about(
    text('one or more of the characters of topic names: letters, digits, ".", "_", "-"', /^[A-Za-z0-9._-]{1,16}$/),
    'Between alias and topic',
    DEFAULTS.replication.separator,
  ),
  internalSeparator: about(
    flag(),
    'Whether names of MM2\'s internal topics use the separator too, or always "."',
    DEFAULTS.replication.internalSeparator,
  ),
  profile: about(
    choice('lab', 'production'),
    'Intervals, replication factors and batching',
    DEFAULTS.replication.profile,
  ),
  flows: about(nonEmptyList(flow, 'a list of at least one flow'), 'Default: from the active cluster to each other one'),
});
