import { verify } from '../../app/verify/verify.ts';
import type { DeepAudit, VerifyDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { verifyOptions } from '../definitions/insight.ts';
import { humanDuration } from '../human-duration.ts';
import type { Paint } from '../paint.ts';
import { table } from '../table.ts';

const SETTLE_MS = 15_000;

/** Exit 6 when a check fails; open questions are a warning. */
export async function run(
  { options }: CommandInput<typeof verifyOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const lab = await (await context.app()).requireLab();
  const { topic: topics, group: groups, deep } = options;
  const request = { topics, groups, deep, settleMs: context.timeoutMs(SETTLE_MS) };
  const document = await verify(lab, request, context.signal);
  const failed = document.checks.filter(({ verdict }) => verdict === 'fail');
  const error = new KmkError('KMK_VERIFY_FAILED', `checks failed: ${failed.map(({ id }) => id).join(', ')}`, {
    hints: [
      deep
        ? 'Run `kmk verify --deep -o json` for the first 1000 findings of each partition.'
        : 'Run `kmk flow describe` and `kmk offsets show` for the details.',
    ],
  });
  return {
    document,
    human: () => verifyText(document, context.paint),
    ...(document.verdict === 'fail' ? { error } : {}),
  };
}

/** A row per check, what is wrong with which records, then the verdict. */
export function verifyText({ verdict, checks, deep }: VerifyDocument, paint: Paint): string {
  const tones = { pass: paint.good, fail: paint.bad, inconclusive: paint.warn, skipped: paint.faint };
  const rows = checks.map((check) => [check.id, { text: check.verdict, paint: tones[check.verdict] }, check.message]);
  const columns = ['check', 'verdict', 'message'].map((title) => ({ title }));
  const audit = deep === undefined ? '' : `\n\n${deepText(deep, paint)}`;
  return `${table(columns, rows)}${audit}\n\nverdict: ${tones[verdict](verdict)}`;
}

const COLUMNS = [
  { title: 'partition' },
  { title: 'finding' },
  { title: 'records', numeric: true },
  { title: 'source', numeric: true },
  { title: 'copy', numeric: true },
  { title: 'what' },
];
const MOST_ROWS = 20;

/** What was read, and the first findings in a table. */
function deepText({ records, durationMs, recordsPerSecond, partitions }: DeepAudit, paint: Paint): string {
  const read = `${records} records read in ${humanDuration(durationMs)} (${recordsPerSecond} rec/s)`;
  const findings = partitions.flatMap((at) => at.findings.map((finding) => ({ at, finding })));
  if (findings.length === 0) return read;
  const rows = findings
    .slice(0, MOST_ROWS)
    .map(({ at, finding }) => [
      `${at.topic}-${at.partition}`,
      { text: finding.kind, paint: paint.bad },
      String(finding.count),
      runText(finding.sourceFirst, finding.sourceLast),
      runText(finding.targetFirst, finding.targetLast),
      finding.reason ?? finding.differs.join(', '),
    ]);
  const more = findings.length - rows.length;
  return `${table(COLUMNS, rows)}${more > 0 ? `\nand ${more} more, see -o json` : ''}\n\n${read}`;
}

function runText(first: string | null, last: string | null): string {
  if (first === null || last === null) return '-';
  return first === last ? first : `${first}..${last}`;
}
