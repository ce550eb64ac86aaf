import type { Lab } from '../lab/lab.ts';
import { findLab } from '../lab/lab.ts';
import type { ServiceRuntime, SweptItem } from '../ports/service-runtime.ts';
import type { OpenTools, Toolbox } from '../ports/toolbox.ts';
import { step } from '../step.ts';

export interface DestroyRequest {
  readonly project: string;
  readonly kafkaVersion: string;
  readonly keepData: boolean;
}

/** Removes the lab of this state directory, also what a crash left. Nothing there is no error. Keeps the runs. */
export async function destroy(tools: Toolbox, request: DestroyRequest): Promise<readonly SweptItem[]> {
  return step(tools, 'destroy', 'destroy', 'removing the lab', async () => {
    const lab = await findLab(tools).catch(() => null);
    if (lab !== null) return sweepLab(lab, request);
    // No readable record: PID records, marks and labels are enough.
    if (!request.keepData) await tools.projects.release(request.project);
    const swept: SweptItem[] = [];
    for (const runtime of bothRuntimes(tools, request)) swept.push(...(await runtime.sweep(request)));
    return swept;
  });
}

/**
 * The runtimes that something of a lab without a readable record may be on; containers first, because they use files
 * of the folder that goes last.
 */
export function bothRuntimes(
  tools: Toolbox,
  { project, kafkaVersion }: Pick<DestroyRequest, 'project' | 'kafkaVersion'>,
): readonly ServiceRuntime[] {
  return (['docker', 'local'] as const).map((runtime) => tools.runtime({ project, runtime, kafkaVersion }));
}

/** Removes the labs that drills brought along and a crash, or `--keep`, left behind. */
export async function destroyNested(tools: Toolbox, openTools: OpenTools): Promise<readonly SweptItem[]> {
  const swept: SweptItem[] = [];
  for (const stateDir of await tools.store.nestedLabs()) {
    await using nested = openTools(stateDir, tools.events);
    const lab = await findLab(nested).catch(() => null);
    const project = lab?.record.project ?? 'kmk-drill';
    const kafkaVersion = lab?.record.setup.kafka.version ?? '';
    swept.push(...(await destroy(nested, { project, kafkaVersion, keepData: false })));
  }
  return swept;
}

/** Stops and removes everything of a lab; with keepData its logs and storage stay for the next deploy. */
export async function sweepLab(lab: Lab, options: { readonly keepData: boolean }): Promise<readonly SweptItem[]> {
  const swept = await lab.runtime.sweep(options);
  for (const item of swept)
    if (item.kind === 'process' || item.kind === 'container')
      lab.tools.events.emit('service.stopped', { name: item.name, how: options.keepData ? 'stop' : 'kill' });
  if (!options.keepData) {
    await lab.tools.store.removeLab();
    await lab.tools.projects.release(lab.record.project);
  }
  return swept;
}
