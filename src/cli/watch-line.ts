import type { WatchDocument } from '../domain/watch/document.ts';

/** One check in a line, without what changes all the time: the same line means that nothing has happened. */
export function watchLine(document: WatchDocument): string {
  const { active, state, failedChecks, neededChecks, armed, clusters, failover } = document;
  const sites = clusters.map(
    ({ alias, up, brokersUp, brokers }) => `${alias} ${up ? `${brokersUp}/${brokers}` : 'down'}`,
  );
  const parts = [`"${active}" is active`, sites.join(', '), stateText(document)];
  if (failedChecks > 0) parts.push(`${failedChecks} of ${neededChecks} checks failed`);
  if (armed) parts.push('armed');
  if (failover.refused !== null && state !== 'failed-over') parts.push(`failover refused: ${failover.refused}`);
  return parts.join('; ');
}

function stateText({ state, reason, flow }: WatchDocument): string {
  if (state === 'held') return `held: ${reason ?? ''}`;
  if (state === 'healthy' && flow.heartbeatAgeMs === null) return 'healthy, no heartbeat crosses';
  return state;
}
