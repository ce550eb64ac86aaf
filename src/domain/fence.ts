/** An ACL on a topic by its literal name (`*` for all), or on all that begin with it, for every host. */
export interface AclRule {
  readonly principal: string;
  readonly permission: 'ALLOW' | 'DENY';
  readonly operation:
    'ALL' | 'READ' | 'WRITE' | 'CREATE' | 'DELETE' | 'ALTER' | 'DESCRIBE' | 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS';
  readonly topic: string;
  /** The rule holds for every topic whose name begins with `topic` (PatternType.PREFIXED). */
  readonly prefixed?: true;
}

/** Which topics of a cluster take no writes of clients. Readers, kmk and MM2 (super users) are never fenced. */
export interface Fence {
  /** None takes any, nor one that is created later. */
  readonly whole: boolean;
  /** These take none, whatever becomes of `whole`. */
  readonly refused: readonly string[];
  /** Nor do topics whose names begin with one of these: copies on a cluster that is active. */
  readonly prefixes: readonly string[];
  /** Null, or all that take any where `whole` is false: a DENY on all topics knows no exceptions. */
  readonly only: readonly string[] | null;
}

/** Everything takes writes. */
export const OPEN: Fence = { whole: false, refused: [], prefixes: [], only: null };

const EVERYONE = 'User:*';
/** Who comes by the listener of clients. */
const CLIENT = 'User:ANONYMOUS';

/** One ACL on a resource ends allow.everyone.if.no.acl.found, so an ALLOW has to stand beside each DENY. */
const ALLOW_ALL: AclRule = { principal: EVERYONE, permission: 'ALLOW', operation: 'ALL', topic: '*' };

/** Operations on topics other than WRITE (AclEntry.supportedOperations): what clients keep on topics that are closed. */
const ALL_BUT_WRITE = ['READ', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'] as const;

/** The ACLs that make the fence. */
export function rulesOf({ whole, refused, prefixes, only }: Fence): readonly AclRule[] {
  const deny = { principal: CLIENT, permission: 'DENY', operation: 'WRITE' } as const;
  const denied = [
    ...[...(whole ? ['*'] : []), ...refused].map((topic): AclRule => ({ ...deny, topic })),
    ...prefixes.map((topic): AclRule => ({ ...deny, topic, prefixed: true })),
  ];
  if (only === null) return [...denied, ALLOW_ALL];
  return [
    ...denied,
    ...ALL_BUT_WRITE.map((operation): AclRule => ({ ...ALLOW_ALL, operation })),
    ...only.map((topic): AclRule => ({ ...ALLOW_ALL, topic })),
  ];
}

/** The fence that a cluster's ACLs make, also where a change of it was cut short. */
export function fenceOf(rules: readonly AclRule[]): Fence {
  const denials = rules.filter((rule) => isOurs(rule) && rule.permission === 'DENY');
  const named = (prefixed: boolean): readonly string[] =>
    denials.filter((rule) => (rule.prefixed === true) === prefixed).map(({ topic }) => topic);
  const denied = named(false);
  const allowed = rules.filter((rule) => isOurs(rule) && rule.permission === 'ALLOW');
  const onAll = allowed.filter(({ topic }) => topic === '*');
  const closed = onAll.length > 0 && !onAll.some(({ operation }) => operation === 'ALL');
  return {
    whole: denied.includes('*'),
    refused: denied.filter((topic) => topic !== '*'),
    prefixes: named(true),
    only: closed ? allowed.filter(({ operation }) => operation === 'ALL').map(({ topic }) => topic) : null,
  };
}

/** Whether a client may write to the topic: as Kafka's authorizers decide where everyone may without any ACL. */
export function takesWrites(rules: readonly AclRule[], topic: string): boolean {
  const here = rules.filter((rule) =>
    rule.prefixed === true ? topic.startsWith(rule.topic) : rule.topic === '*' || rule.topic === topic,
  );
  const writes = here.filter(
    ({ principal, operation }) =>
      (principal === EVERYONE || principal === CLIENT) && (operation === 'ALL' || operation === 'WRITE'),
  );
  if (writes.some(({ permission }) => permission === 'DENY')) return false;
  return here.length === 0 || writes.length > 0;
}

/** Whether none of these topics takes writes of clients; null: none that there is, nor one that comes. */
export function isClosed(rules: readonly AclRule[], topics: readonly string[] | null): boolean {
  // Whatever no rule names is decided by those for all.
  const asked = topics ?? ['*', ...rules.map(({ topic }) => topic)];
  return !asked.some((topic) => takesWrites(rules, topic));
}

/** ACLs to add or to remove at once. */
export interface AclChange {
  readonly what: 'create' | 'delete';
  readonly rules: readonly AclRule[];
}

/**
 * From the ACLs that are there to those of the fence. The order is what makes it safe: refuse, allow, allow no longer, refuse
 * no longer. At every moment a topic takes writes only if it did before or is to afterwards, and it does if both. Where
 * there is no ACL at all everyone may everything, and that is said first. Rules of others are left alone.
 */
export function changesTo(rules: readonly AclRule[], fence: Fence): readonly AclChange[] {
  const first = rules.length === 0 ? [ALLOW_ALL] : [];
  const now = [...rules, ...first];
  const wanted = rulesOf(fence);
  const missing = wanted.filter((one) => !now.some((rule) => sameRule(rule, one)));
  const extra = now.filter((rule) => isOurs(rule) && !wanted.some((one) => sameRule(rule, one)));
  const of = (list: readonly AclRule[], permission: AclRule['permission']): readonly AclRule[] =>
    list.filter((rule) => rule.permission === permission);
  const changes: readonly AclChange[] = [
    { what: 'create', rules: first },
    { what: 'create', rules: of(missing, 'DENY') },
    { what: 'create', rules: of(missing, 'ALLOW') },
    { what: 'delete', rules: of(extra, 'ALLOW') },
    { what: 'delete', rules: of(extra, 'DENY') },
  ];
  return changes.filter((change) => change.rules.length > 0);
}

/** The kinds of rules that fences consist of. */
function isOurs({ principal, permission, operation, topic, prefixed }: AclRule): boolean {
  if (permission === 'DENY') return principal === CLIENT && operation === 'WRITE';
  if (principal !== EVERYONE || prefixed === true) return false;
  return operation === 'ALL' || (topic === '*' && (ALL_BUT_WRITE as readonly string[]).includes(operation));
}

function sameRule(a: AclRule, b: AclRule): boolean {
  return (
    a.principal === b.principal &&
    a.permission === b.permission &&
    a.operation === b.operation &&
    a.topic === b.topic &&
    a.prefixed === b.prefixed
  );
}
