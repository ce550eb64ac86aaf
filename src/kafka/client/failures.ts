import { KmkError, type ErrorContext } from '../../domain/errors.ts';
import { errorName, isRetriable } from '../wire/errors.ts';
import { LinkError } from './link.ts';

/** A broker's refusal as the user sees it; `what` is the attempt, for example `create topic "orders"`. */
export function refusal(code: number, what: string, detail?: string | null, context: ErrorContext = {}): KmkError {
  const error = errorName(code);
  const reason = detail === null || detail === undefined || detail === '' ? '' : `: ${oneLine(detail)}`;
  return new KmkError('KMK_KAFKA_REQUEST', `cannot ${what}, the broker answers ${error}${reason}`, {
    context: { ...context, error },
  });
}

/** Throws `refusal` unless the code is 0. */
export function check(code: number, what: string, detail?: string | null, context?: ErrorContext): void {
  if (code !== 0) throw refusal(code, what, detail, context);
}

/** Kafka's name of the error that a KmkError of this adapter stands for. */
export function kafkaError(error: unknown): string | null {
  const name = KmkError.is(error) ? error.context['error'] : undefined;
  return typeof name === 'string' ? name : null;
}

/** True for failures that a later attempt may not have. */
export function mayPass(error: unknown): boolean {
  if (error instanceof LinkError) return !isAuthenticationFailure(error);
  const name = kafkaError(error);
  return name !== null && isRetriable(name);
}

/** True when the broker took the connection but did not answer in time: it is frozen or overloaded. */
export function isTimeout(error: LinkError): boolean {
  return error.cause instanceof Error && error.cause.name === 'KafkaJSRequestTimeoutError';
}

/** Translates what leaves the adapter. */
export function toKmkError(error: unknown, bootstrap: string): unknown {
  if (!(error instanceof LinkError)) return error;
  if (isAuthenticationFailure(error)) {
    return new KmkError('KMK_KAFKA_REQUEST', `${error.address} refuses the login: ${oneLine(error.message)}`, {
      context: { bootstrap, error: 'SASL_AUTHENTICATION_FAILED' },
      cause: error,
    });
  }
  return unreachable(bootstrap, error);
}

export function unreachable(bootstrap: string, cause: LinkError | null): KmkError {
  const reason = cause === null ? 'it did not answer a moment ago' : oneLine(cause.message);
  return new KmkError('KMK_KAFKA_UNREACHABLE', `no broker of ${bootstrap} answers: ${reason}`, {
    hints: ['Run `kmk status` to see what answers and what does not.'],
    context: { bootstrap },
    ...(cause === null ? {} : { cause }),
  });
}

function isAuthenticationFailure(error: LinkError): boolean {
  const { cause } = error;
  if (!(cause instanceof Error)) return false;
  const { type } = cause as { type?: unknown };
  return cause.name === 'KafkaJSSASLAuthenticationError' || type === 'SASL_AUTHENTICATION_FAILED';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '');
}
