import { verify } from '../../app/verify/verify.ts';
import type { VerifyDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { verifyOptions } from '../definitions/insight.ts';
import type { Paint } from '../paint.ts';
import { table } from '../table.ts';

const SETTLE_MS = 15_000;

/** Exit 6 when a check fails; open questions are a warning. */
export async function run(
  { options }: CommandInput<typeof verifyOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const request = { topics: options.topic, groups: options.group, settleMs: context.timeoutMs(SETTLE_MS) };
  const document = await verify(lab, request, context.signal);
  const failed = document.checks.filter(({ verdict }) => verdict === 'fail');
  const error = new KmkError('KMK_VERIFY_FAILED', `checks failed: ${failed.map(({ id }) => id).join(', ')}`, {
    hints: ['Run `kmk flow describe` and `kmk offsets show` for the details.'],
  });
  return {
    document,
    human: () => verifyText(document, context.paint),
    ...(document.verdict === 'fail' ? { error } : {}),
  };
}

/** A row per check, then the verdict. */
export function verifyText({ verdict, checks }: VerifyDocument, paint: Paint): string {
  const tones = { pass: paint.good, fail: paint.bad, inconclusive: paint.warn, skipped: paint.faint };
  const rows = checks.map((check) => [check.id, { text: check.verdict, paint: tones[check.verdict] }, check.message]);
  const columns = ['check', 'verdict', 'message'].map((title) => ({ title }));
  return `${table(columns, rows)}\n\nverdict: ${tones[verdict](verdict)}`;
}
