import type { PlannedMove } from '../app/failover/carry-out.ts';
import { carryOut, refuseStale } from '../app/failover/carry-out.ts';
import type { Lab } from '../app/lab/lab.ts';
import { KmkError } from '../domain/errors.ts';
import type { PlanDocument } from '../domain/plan/plan.ts';
import { sealAnew } from '../domain/plan/plan.ts';
import type { CommandContext } from './command-context.ts';
import type { CommandResult } from './define-command.ts';
import { moveResult } from './move-result.ts';
import { readPlan, writePlan } from './plan-file.ts';
import { planText } from './plan-text.ts';

export interface PlanChoices {
  readonly dryRun: boolean;
  readonly planOut: string | undefined;
  readonly plan: string | undefined;
}

export interface MoveCommand {
  readonly kind: PlanDocument['kind'];
  /** `Fail over`, `Fail back`, ...: the question's verb. */
  readonly verb: string;
  /** What would be done now with the options of the command, or with those that a saved plan was made with. */
  readonly preview: (lab: Lab, saved: PlanDocument | null) => Promise<PlannedMove>;
}

/** Plans or takes the saved plan, shows it, asks, carries it out, answers with the verdict (exit 6 when a check says no). */
export async function runMove(
  command: MoveCommand,
  choices: PlanChoices,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const planned = await plannedMove(command, choices, await app.requireLab(), context);
  const { plan } = planned;
  if (choices.planOut !== undefined) await writePlan(context.cwd, choices.planOut, plan);
  if (choices.dryRun || choices.planOut !== undefined) return { document: plan, human: planText(plan) };
  await context.confirm.confirm({
    text: `${command.verb} from "${plan.from}" to "${plan.to}"?`,
    lines: planText(plan).split('\n'),
  });
  // A person may have thought for a while.
  const again = context.interactive && !context.globals.yes;
  const document = await app.run(
    async (run) => {
      const lab = await app.requireLab(run.tools);
      if (again) refuseStale(plan, (await command.preview(lab, plan)).snapshot);
      return carryOut(lab, planned, run, context.signal);
    },
    { report: true },
  );
  return moveResult(document, context.paint);
}

async function plannedMove(
  { kind, preview }: MoveCommand,
  choices: PlanChoices,
  lab: Lab,
  context: CommandContext,
): Promise<PlannedMove> {
  if (choices.plan === undefined) return preview(lab, null);
  const plan = await readPlan(context.cwd, choices.plan);
  if (plan.kind !== kind) {
    throw new KmkError('KMK_USAGE', `"${choices.plan}" is the plan of a ${plan.kind}`, {
      hints: [`Run \`kmk ${plan.kind} --plan ${choices.plan}\`.`],
    });
  }
  const now = await preview(lab, plan);
  refuseStale(plan, now.snapshot);
  return { plan: sealAnew(plan, now.plan), snapshot: now.snapshot };
}
