/** What went wrong, in the words of the exit-code table of docs/ERRORS.md. */
export type ErrorKind =
  | 'internal'
  | 'usage'
  | 'config'
  | 'environment'
  | 'dependency'
  | 'verification'
  | 'precondition'
  | 'timeout'
  | 'partial'
  | 'declined'
  | 'interrupted'
  | 'terminated';

/** Exit code of each kind: a contract that scripts rely on. */
export const EXIT_CODES: Readonly<Record<ErrorKind, number>> = {
  internal: 1,
  usage: 2,
  config: 3,
  environment: 4,
  dependency: 5,
  verification: 6,
  precondition: 7,
  timeout: 8,
  partial: 9,
  declined: 10,
  interrupted: 130,
  terminated: 143,
};

/** Every code kmk can answer with, its kind and when it is used. docs/ERRORS.md is generated from this table. */
export const ERROR_CODES = {
  KMK_BUG: ['internal', 'an unexpected error inside kmk'],
  KMK_USAGE: ['usage', 'a wrong option, argument or value on the command line'],
  KMK_CONFIG_INVALID: ['config', 'kmk.yaml or a scenario file breaks its schema or a rule across fields'],
  KMK_CONFIG_FILE: ['config', 'a file that the user named does not exist or cannot be read'],
  KMK_ENV_JAVA: ['environment', 'Java is absent or older than 17'],
  KMK_ENV_MAVEN: ['environment', 'Maven is absent and the jars are not cached'],
  KMK_ENV_JARS: ['environment', 'the Kafka jars could not be fetched or are incomplete'],
  KMK_ENV_PORT_TAKEN: ['environment', 'a port that the setup needs is in use'],
  KMK_ENV_DISK: ['environment', 'the disk is full or the state directory is not writable'],
  KMK_ENV_RUNTIME: ['environment', 'the runtime asked for is not available on this machine'],
  KMK_ENV_DOCKER_UNREACHABLE: [
    'environment',
    'the Docker engine does not answer, refuses this user, or is on another machine',
  ],
  KMK_ENV_MEMORY: ['environment', 'the Docker engine has less memory than the lab needs'],
  KMK_HOOK_FAILED: ['dependency', 'a hook failed or took too long, and the setup says to stop then'],
  KMK_IMAGE_MISSING: ['dependency', 'a container image is not on the engine and could not be pulled'],
  KMK_DOCKER_REQUEST: ['dependency', 'the Docker engine refused or failed a request'],
  KMK_KAFKA_UNREACHABLE: ['dependency', 'no broker of a cluster answered'],
  KMK_KAFKA_REQUEST: ['dependency', 'a broker refused or failed a request'],
  KMK_CONNECT_UNREACHABLE: ['dependency', 'the Connect REST API did not answer'],
  KMK_CONNECT_REQUEST: ['dependency', 'the Connect REST API refused or failed a request'],
  KMK_CONNECT_TASK_FAILED: ['dependency', 'a connector or one of its tasks is FAILED'],
  KMK_SERVICE_EXITED: ['dependency', 'a service of the lab stopped by itself'],
  KMK_SERVICE_UNHEALTHY: ['dependency', 'a container of the lab runs and does not become healthy'],
  KMK_PRODUCE_UNACKNOWLEDGED: ['dependency', 'records were not acknowledged'],
  KMK_COMMIT_UNACKNOWLEDGED: ['dependency', 'the positions of records that were read were not committed'],
  KMK_TOPIC_UNKNOWN: ['dependency', 'a topic does not exist'],
  KMK_GROUP_UNKNOWN: ['dependency', 'a consumer group does not exist'],
  KMK_VERIFY_FAILED: ['verification', 'a check failed'],
  KMK_RENDER_DRIFT: ['verification', 'rendered files differ from those on disk'],
  KMK_NOT_DEPLOYED: ['precondition', 'the command needs a lab and none is deployed'],
  KMK_NOT_CONFIRMED: ['precondition', 'a command that must be confirmed ran without a terminal and without --yes'],
  KMK_WRITE_REFUSED: ['precondition', 'the fence refused a write'],
  KMK_GROUP_ACTIVE: ['precondition', 'a consumer group has live members'],
  KMK_SOURCE_HEALTHY: ['precondition', 'an unplanned failover was asked for while the source is healthy'],
  KMK_WRONG_STATE: ['precondition', 'the setup is not in the state that the command starts from'],
  KMK_PLAN_STALE: ['precondition', 'a plan was made from something else than what is there now'],
  KMK_FENCE_BYPASSED: ['precondition', 'records were written past the fence'],
  KMK_TRANSACTION_OPEN: ['precondition', 'a transaction holds up a planned move'],
  KMK_LOCKED: ['precondition', 'another kmk works on this state directory, or on its clusters'],
  KMK_SPLIT_BRAIN_RISK: ['precondition', 'the clusters know of a move that this state directory does not'],
  KMK_FOREIGN_PROJECT: ['precondition', 'the project is deployed from another state directory'],
  KMK_TAIL_UNDECIDED: [
    'precondition',
    'records never crossed, and what becomes of them was not decided or cannot be done',
  ],
  KMK_TOPIC_EXISTS: ['precondition', 'a topic that is to be created exists'],
  KMK_EXISTS: ['precondition', 'a file exists and --force was not given'],
  KMK_SEED_REFUSED: ['precondition', 'the position of a reverse flow could not be proved'],
  KMK_WAIT_TIMEOUT: ['timeout', 'a condition did not hold before its deadline'],
  KMK_TOO_FEW_RECORDS: ['timeout', 'fewer records than asked for arrived in time'],
  KMK_PARTLY_DONE: ['partial', 'some steps were done and one failed'],
  KMK_DECLINED: ['declined', 'the user answered no'],
  KMK_INTERRUPTED: ['interrupted', 'Ctrl-C'],
  KMK_TERMINATED: ['terminated', 'SIGTERM'],
} as const satisfies Record<string, readonly [ErrorKind, string]>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Flat, JSON-safe facts about an error. Never holds a secret. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

export interface ErrorDetails {
  /** Full sentences, each with a command to run in backticks where there is one. */
  readonly hints?: readonly string[];
  readonly context?: ErrorContext;
  /** Everything that is wrong, one line each, where one error stands for several findings (config). Shown instead of the message. */
  readonly diagnostics?: readonly string[];
  readonly cause?: unknown;
}

const BRAND = Symbol.for('kmk.error');

/**
 * The one error type that crosses layers. The message is one lowercase line without a full stop that contains the
 * wrong value. Adapters translate foreign errors into it at the edge and keep the original as `cause`.
 */
export class KmkError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly hints: readonly string[];
  readonly context: ErrorContext;
  /** One line per finding; empty where the message says it all. */
  readonly diagnostics: readonly string[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'KmkError';
    this.code = code;
    this.kind = ERROR_CODES[code][0];
    this.hints = details.hints ?? [];
    this.context = details.context ?? {};
    this.diagnostics = details.diagnostics ?? [];
  }

  /** True for errors of this type, also across copies of the package. */
  static is(value: unknown): value is KmkError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** The error a signal's abort stands for: its reason when that is a KmkError, a limit that was reached, else an interruption. */
export function abortError({ reason }: { readonly reason?: unknown }): KmkError {
  if (KmkError.is(reason)) return reason;
  // What AbortSignal.timeout gives: nobody has pressed Ctrl-C.
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new KmkError('KMK_WAIT_TIMEOUT', 'it took longer than it may', {
      hints: ['Run `kmk status` to see what does not answer.'],
    });
  }
  return new KmkError('KMK_INTERRUPTED', 'interrupted');
}
