import { destroy, destroyNested } from '../../app/deploy/destroy.ts';
import { findLab } from '../../app/lab/lab.ts';
import { KmkError } from '../../domain/errors.ts';
import type { CommandContext } from '../command-context.ts';
import type { CommandInput, CommandResult } from '../define-command.ts';
import type { destroyOptions } from '../definitions/lab.ts';

/** Removes the lab. Asked only where there is something to remove. */
export async function run(
  { options }: CommandInput<typeof destroyOptions>,
  context: CommandContext,
): Promise<CommandResult> {
  const app = await context.app();
  const { name: project, kafka } = app.setup;
  const { keepData } = options;
  const lab = await findLab(app.tools).catch(() => null);
  if (lab !== null && lab.record.project !== project) {
    throw new KmkError('KMK_FOREIGN_PROJECT', `project "${lab.record.project}" is deployed here, not "${project}"`, {
      hints: [`Run \`kmk destroy -p ${lab.record.project}\`.`],
    });
  }
  const runtime = app.tools.runtime({ project, runtime: 'local', kafkaVersion: kafka.version });
  const services = await runtime.list();
  const strays = await runtime.unrecorded();
  const nested = await app.tools.store.nestedLabs();
  const anything = services.length + strays.length + nested.length > 0 || (await app.tools.store.hasLabFolder());
  if (!anything) {
    const removed: readonly string[] = [];
    return { document: { schema: 'kmk.destroy/v1', project, removed, keepData }, human: 'nothing is deployed here' };
  }
  await context.confirm.confirm({
    text: `Remove project "${project}"?`,
    lines: [
      ...services.map(({ name, state }) => `stop ${name} (${state})`),
      ...strays.map((name) => `stop ${name} (unrecorded)`),
      ...nested.map((dir) => `remove the lab of a drill in "${dir}"`),
      keepData ? 'keep storage and logs' : `delete all data and logs of the lab below "${app.tools.store.stateDir}"`,
    ],
  });
  const swept = await app.run(async ({ tools }) => [
    ...(await destroyNested(tools, (dir, events) => app.openTools(dir, events))),
    ...(await destroy(tools, { project, kafkaVersion: kafka.version, keepData })),
  ]);
  return {
    document: { schema: 'kmk.destroy/v1', project, removed: swept, keepData },
    human: () =>
      swept.length === 0
        ? 'nothing was left to remove'
        : swept.map(({ kind, name }) => `removed ${kind === 'process' ? 'process' : 'data'} ${name}`).join('\n'),
  };
}
