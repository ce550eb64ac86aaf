import type { SyncPlan } from '../../app/offsets/plan-sync.ts';
import { planSync } from '../../app/offsets/plan-sync.ts';
import { syncDocument, syncOffsets, syncPreview } from '../../app/offsets/sync-offsets.ts';
import type { OffsetsDocument } from '../../domain/documents.ts';
import { flowId } from '../../domain/setup.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { offsetsSyncOptions } from '../definitions/offsets.ts';
import { humanCount } from '../human-amount.ts';
import { changesText, undoText } from '../offset-changes.ts';

/** Shows the best positions, asks, and writes them while MM2 writes none. */
export async function run(
  { options }: CommandInput<typeof offsetsSyncOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { signal } = context;
  const app = await context.app();
  const lab = await app.requireLab();
  const { group: groups, topic: topics, cluster } = options;
  const plan = await planSync(lab, { groups, topics, cluster }, signal);
  for (const text of plan.warnings) context.events.emit('warning', { text });
  if (options.dryRun) return answer(syncPreview(plan));
  if (plan.changes.length === 0) return answer(await syncDocument(lab, plan, null, signal));
  await context.confirm.confirm({
    text: `Put these groups on "${plan.target}" at their best positions?`,
    lines: [...changesText(plan.changes).split('\n'), ...plan.flows.map(stopLine)],
  });
  return answer(await app.run(async (run) => syncOffsets(await app.requireLab(run.tools), plan, run, signal)));
}

function stopLine(flow: SyncPlan['flows'][number]): string {
  return `the checkpoint connector of ${flowId(flow)} is stopped meanwhile`;
}

function answer(document: OffsetsDocument): CommandResult {
  return { document, human: () => syncText(document) };
}

/** What was or would be written, how well it is proved, and how it is undone. */
export function syncText(document: OffsetsDocument): string {
  const { changes = [], committed } = document;
  const rows = changesText(changes);
  if (changes.length === 0) return rows;
  const conservative = changes.filter(({ proof }) => proof === 'conservative').length;
  const proved = `${humanCount(changes.length - conservative, 'position')} proved exact`;
  const short = conservative === 0 ? '' : `, ${conservative} conservative: some records may be read again`;
  const done = committed === true ? `\n${undoText(document)}` : '';
  return `${rows}\n\n${proved}${short}${done}`;
}
