/** Log of StandardAuthorizer and AclAuthorizer: who was refused (INFO), and who was let in (DEBUG). */
export const AUTHORIZER_LOGGER = 'kafka.authorizer.logger';

/** A client that writes, as the authorizer of a broker saw it. The log knows no client id. */
export interface SeenWriter {
  readonly principal: string;
  readonly host: string;
  readonly topic: string;
}

/** Kafka's text since 2.0 (StandardAuthorizerData.buildAuditMessage; AclAuthorizer writes `Operation = Write`). */
const ALLOWED_WRITE =
  /Principal = (?<principal>\S+) is Allowed operation = Write from host = (?<host>\S+) on resource = Topic:LITERAL:(?<topic>\S+) for request = Produce\b/i;

/** The writer of an audit line that let a write to a topic pass; null for every other line. */
export function parseAllowedWrite(line: string): SeenWriter | null {
  const { principal, host, topic } = ALLOWED_WRITE.exec(line)?.groups ?? {};
  return principal === undefined || host === undefined || topic === undefined ? null : { principal, host, topic };
}

/** `User:app from 10.0.0.7 (orders)`. */
export function writerText({ principal, host, topic }: SeenWriter): string {
  return `${principal} from ${host} (${topic})`;
}
