import { resolveCluster } from '../../app/lab/lab.ts';
import { saveSnapshot, snapshotGroups } from '../../app/offsets/snapshot-offsets.ts';
import { snapshotDocument } from '../../app/offsets/snapshot-document.ts';
import { refuseExisting, writeSnapshot } from '../../composition/snapshot-files.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { offsetsSnapshotOptions } from '../definitions/offsets.ts';
import { humanCount } from '../human-amount.ts';

/** Keeps the positions in the folder of the run, and in the user's own file where one is named. */
export async function run(
  { options }: CommandInput<typeof offsetsSnapshotOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const { cwd, signal } = context;
  const { group, out, cluster = 'target' } = options;
  const app = await context.app();
  // Before there is a run: what cannot be tried leaves no journal.
  const { alias } = resolveCluster(await app.requireLab(), cluster);
  if (out !== undefined) await refuseExisting(cwd, out);
  const snapshot = await snapshotGroups(await app.requireLab(), alias, group, signal);
  const document = await app.run(async (run) => {
    const lab = await app.requireLab(run.tools);
    const kept = await saveSnapshot(lab, run, snapshot);
    const file = out === undefined ? kept.file : await writeSnapshot(cwd, out, snapshot);
    return snapshotDocument(lab, { ...kept, file }, snapshot, signal);
  });
  const { runId, file, groups, positions } = document.snapshot;
  const human = [
    `${humanCount(positions, 'position')} of ${humanCount(groups, 'group')} on "${alias}" kept in ${file}`,
    `put back with \`kmk offsets restore --snapshot ${out ?? runId}\``,
  ];
  return { document, human: human.join('\n') };
}
