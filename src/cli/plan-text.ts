import type { PlanDocument } from '../domain/documents.ts';

/** A plan for people: numbered steps, then what it costs and what stands against it. */
export function planText(plan: PlanDocument): string {
  const lines = [`${plan.kind} ${plan.from} -> ${plan.to}`];
  plan.steps.forEach(({ id, title, reversible }, index) => {
    lines.push(`  ${index + 1}. ${id}: ${title}${reversible ? '' : ' (cannot be undone)'}`);
  });
  lines.push(...plan.warnings.map((warning) => `  warning: ${warning}`));
  lines.push(...plan.blockers.map((blocker) => `  blocked: ${blocker}`));
  return lines.join('\n');
}
