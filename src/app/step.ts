import { KmkError } from '../domain/errors.ts';
import type { Phase } from '../domain/documents.ts';
import type { StepState } from '../domain/events.ts';
import type { Toolbox } from './ports/toolbox.ts';

/** Announces a step, runs it and announces how it ended; the error goes on. */
export async function step<T>(
  tools: Toolbox,
  id: string,
  kind: string,
  title: string,
  work: () => Promise<T>,
  phases?: Phase[],
): Promise<T> {
  const { events, clock } = tools;
  const startedAt = clock.now();
  const finish = (state: StepState, detail?: string): void => {
    const durationMs = clock.now() - startedAt;
    phases?.push({ id, startedAt: new Date(startedAt).toISOString(), durationMs, state });
    events.emit('step.finished', { id, state, durationMs, ...(detail === undefined ? {} : { detail }) });
  };
  events.emit('step.started', { id, kind, title });
  try {
    const value = await work();
    finish('done');
    return value;
  } catch (error) {
    const aborted = KmkError.is(error) && (error.kind === 'interrupted' || error.kind === 'terminated');
    finish(aborted ? 'aborted' : 'failed', error instanceof Error ? error.message : undefined);
    throw error;
  }
}
