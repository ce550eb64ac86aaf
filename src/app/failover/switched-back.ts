import type { SwitchedBack } from '../../domain/lab/lab-record.ts';
import type { MoveContext, MoveFindings } from './move-context.ts';

/** What the lab's record keeps of a failback from the moment in which clients are let in again. */
export function switchedBack({ found, move }: Pick<MoveContext, 'found' | 'move'>): SwitchedBack {
  const { stranded, duplicates, redelivered } = found;
  return {
    ...(stranded === undefined ? {} : { stranded }),
    ...(duplicates === undefined ? {} : { duplicates }),
    ...(redelivered === undefined ? {} : { redelivered }),
    checks: [...move.checks],
  };
}

/**
 * The failback with what an earlier run of it had found before it let clients in: that run's counts and checks hold for
 * the whole. What this run has found itself goes first.
 */
export function withSwitchedBack<C extends Pick<MoveContext, 'found' | 'move' | 'lab'>>(context: C): C {
  const { promotion, moved } = context.lab.record;
  const earlier = promotion?.switched ?? moved?.switched;
  if (earlier === undefined) return context;
  const { checks, ...counts } = earlier;
  const own = new Set(context.move.checks.map(({ id }) => id));
  const found: MoveFindings = { ...counts, ...context.found };
  const move = { ...context.move, checks: [...checks.filter(({ id }) => !own.has(id)), ...context.move.checks] };
  return { ...context, found, move };
}
