import type { DoctorDocument } from '../../app/doctor/doctor.ts';
import { examine } from '../../app/doctor/doctor.ts';
import { openMachine } from '../../composition/machine.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult, None } from '../define-command.ts';
import type { Paint } from '../paint.ts';
import { table } from '../table.ts';

/** Exit 4 when something that is needed is missing. */
export async function run(_input: CommandInput<None>, context: CommandContext): Promise<CommandResult> {
  const { setup, tools } = await context.app();
  const document = await examine(openMachine(context.env, tools.store.stateDir), tools, setup);
  const missing = document.checks.filter(({ finding }) => finding === 'missing').map(({ id }) => id);
  const error = new KmkError('KMK_ENV_RUNTIME', `not ready: ${[...new Set(missing)].join(', ')}`);
  return { document, human: () => doctorText(document, context.paint), ...(document.ready ? {} : { error }) };
}

/** A row per check, what to do below. */
export function doctorText({ ready, checks }: DoctorDocument, paint: Paint): string {
  const tones = { ok: paint.good, info: paint.faint, warning: paint.warn, missing: paint.bad };
  const rows = checks.map(({ id, finding, message }) => [id, { text: finding, paint: tones[finding] }, message]);
  const hints = checks.flatMap(({ id, hint }) => (hint === null ? [] : [`${paint.strong(id)}: ${hint}`]));
  return [
    table(
      ['check', 'finding', 'message'].map((title) => ({ title })),
      rows,
    ),
    ...(hints.length === 0 ? [] : [hints.join('\n')]),
    ...(ready ? [paint.good('ready')] : []),
  ].join('\n\n');
}
