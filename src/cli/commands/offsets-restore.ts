import { planRestore, restoreChanges, restoreOffsets } from '../../app/offsets/restore-offsets.ts';
import { restoreDocument } from '../../app/offsets/snapshot-document.ts';
import { readSnapshot } from '../../composition/snapshot-files.ts';
import type { OffsetsDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { offsetsRestoreOptions } from '../definitions/offsets.ts';
import { changesText, undoText } from '../offset-changes.ts';

/** Shows what would be put back, asks, does it and reads it back. */
export async function run(
  { options }: CommandInput<typeof offsetsRestoreOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { signal } = context;
  const app = await context.app();
  const lab = await app.requireLab();
  const snapshot = await readSnapshot(app.tools.store, context.cwd, options.snapshot);
  const plan = await planRestore(lab, snapshot, options.group, signal);
  const changes = restoreChanges(plan);
  for (const text of plan.warnings) context.events.emit('warning', { text });
  if (options.dryRun || changes.length === 0) {
    const document = await restoreDocument(lab, plan, { kept: null, committed: !options.dryRun }, signal);
    return answer(document, () => changesText(changes));
  }
  await context.confirm.confirm({
    text: `Put these positions on "${snapshot.cluster}" back to how they were at ${snapshot.takenAt}?`,
    lines: changesText(changes).split('\n'),
  });
  const document = await app.run(async (run) => {
    const using = await app.requireLab(run.tools);
    // Under the lock: what was shown may have moved since, and only that of now is put back.
    const now = await planRestore(using, snapshot, options.group, signal);
    const kept = await restoreOffsets(using, now, run, signal);
    return restoreDocument(using, now, { kept, committed: true }, signal);
  });
  return answer(document, () => `${changesText(document.changes ?? [])}\n\n${undoText(document)}`);
}

function answer(document: OffsetsDocument, human: () => string): CommandResult {
  const left = document.left ?? [];
  if (left.length === 0) return { document, human };
  const names = left.map(({ group, topic, partition }) => `${topic}-${partition} of group "${group}"`);
  const error = new KmkError(
    'KMK_PARTLY_DONE',
    `${left.length} positions were left alone: ${names.slice(0, 5).join(', ')}`,
    {
      hints: ['They have no place to go back to: see `left` with `-o json` for each reason.'],
      context: { left: left.length },
    },
  );
  return document.committed === true ? { document, human, error } : { document, human };
}
