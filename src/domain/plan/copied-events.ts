import type { AnyEvent } from '../events.ts';

/**
 * What a copy of a run's journal lacks: a process that is killed may have written the end of a step and not have copied
 * it, and whoever goes on with the copy alone would do that step again behind later ones. `local` is the journal as far as
 * it is copied. Nothing where the copy has come further, or tells something else.
 */
export function missingFrom(copy: readonly AnyEvent[], local: readonly AnyEvent[]): readonly AnyEvent[] {
  const [known, mine] = [stepsOf(copy), stepsOf(local)];
  if (mine.length <= known.length || known.some(({ text }, index) => text !== mine[index]?.text)) return [];
  // What was told behind the last step that both know may be there already.
  const copied = new Set(copy.slice((known.at(-1)?.index ?? -1) + 1).map(textOf));
  return local.slice((mine[known.length - 1]?.index ?? -1) + 1).filter((event) => !copied.has(textOf(event)));
}

/**
 * The journal of a plan: a drill makes many moves in one run, and what was before this one's adoption is of others.
 * Nothing where it is not adopted yet.
 */
export function eventsOfPlan(planId: string, journal: readonly AnyEvent[]): readonly AnyEvent[] {
  const adopted = journal.findLastIndex(({ event, data }) => event === 'plan.adopted' && data.plan === planId);
  return adopted < 0 ? [] : journal.slice(adopted);
}

/** The lines that tell how far the plan is. */
function stepsOf(events: readonly AnyEvent[]): readonly { readonly text: string; readonly index: number }[] {
  return events.flatMap((event, index) => (event.event === 'plan.step' ? [{ text: textOf(event), index }] : []));
}

function textOf({ event, data }: AnyEvent): string {
  return JSON.stringify([event, data]);
}
