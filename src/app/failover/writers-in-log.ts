import type { SeenWriter } from '../../domain/authorizer-log.ts';
import { AUTHORIZER_LOGGER, parseAllowedWrite, writerText } from '../../domain/authorizer-log.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Lab } from '../lab/lab.ts';
import { adminOf } from '../lab/lab.ts';

/** A writer that goes on shows itself within its linger time and a round trip. */
const LISTEN_MS = 1500;
const POLL_MS = 50;

/**
 * Who writes to these topics at this moment, by principal and address, as the brokers' authorizers tell: batches carry
 * neither. Their log is raised to DEBUG for as long as this listens, and set back. Nobody where no write comes, or where
 * brokers cannot be listened to: that must not hide what it is asked for.
 */
export async function writersInLog(
  lab: Lab,
  alias: string,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<readonly SeenWriter[]> {
  const wanted = new Set(topics);
  const seen = new Map<string, SeenWriter>();
  const listening = new AbortController();
  const until = AbortSignal.any([signal, listening.signal]);
  const admin = await adminOf(lab, alias);
  const services = await lab.runtime.list();
  const brokers = services.filter(
    ({ cluster, kind, state }) => cluster === alias && kind === 'broker' && state === 'running',
  );
  const logs = brokers.map(({ name }) => lab.runtime.follow(name, 0, take, until).catch(() => undefined));
  function take(line: string): void {
    const writer = parseAllowedWrite(line);
    if (writer !== null && wanted.has(writer.topic)) seen.set(writerText(writer), writer);
  }
  try {
    await admin.setBrokerLogger(AUTHORIZER_LOGGER, 'DEBUG', signal);
    const { clock } = lab.tools;
    const deadline = clock.now() + LISTEN_MS;
    const complete = (): boolean => topics.every((topic) => [...seen.values()].some((at) => at.topic === topic));
    while (!complete() && clock.now() < deadline) await clock.sleep(POLL_MS, signal);
  } catch (error) {
    if (!KmkError.is(error) || signal.aborted) throw error;
  } finally {
    listening.abort();
    await Promise.all(logs);
    await admin.setBrokerLogger(AUTHORIZER_LOGGER, null, AbortSignal.timeout(LISTEN_MS)).catch(() => undefined);
  }
  return [...seen.values()];
}
