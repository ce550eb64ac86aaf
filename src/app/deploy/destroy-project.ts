import type { DestroyDocument } from '../../domain/documents.ts';
import { KmkError } from '../../domain/errors.ts';
import type { Setup } from '../../domain/setup.ts';
import { findLab } from '../lab/lab.ts';
import type { OpenTools, Toolbox } from '../ports/toolbox.ts';
import { bothRuntimes, destroy, destroyNested } from './destroy.ts';

export interface Destruction {
  readonly project: string;
  readonly kafkaVersion: string;
  readonly keepData: boolean;
  /** What it will do, a line each; empty where nothing is deployed. */
  readonly effects: readonly string[];
}

/** What a destroy would remove. Throws KMK_FOREIGN_PROJECT where another project is deployed in this state directory. */
export async function planDestroy(tools: Toolbox, setup: Setup, keepData: boolean): Promise<Destruction> {
  const { name: project, kafka } = setup;
  const lab = await findLab(tools).catch(() => null);
  if (lab !== null && lab.record.project !== project) {
    throw new KmkError('KMK_FOREIGN_PROJECT', `project "${lab.record.project}" is deployed here, not "${project}"`, {
      hints: [`Run \`kmk destroy -p ${lab.record.project}\`.`],
    });
  }
  const { store } = tools;
  const runtimes = lab === null ? bothRuntimes(tools, { project, kafkaVersion: kafka.version }) : [lab.runtime];
  const services = (await Promise.all(runtimes.map((runtime) => runtime.list()))).flat();
  const strays = (await Promise.all(runtimes.map((runtime) => runtime.unrecorded()))).flat();
  const nested = await store.nestedLabs();
  const destruction = { project, kafkaVersion: kafka.version, keepData };
  if (services.length + strays.length + nested.length === 0 && !(await store.hasLabFolder())) {
    // Of one that had made nothing else yet: it goes when this command takes its own.
    const locked = await store.hasStaleLock();
    return { ...destruction, effects: locked ? ['remove the lock of a kmk that was killed'] : [] };
  }
  const effects = [
    ...services.map(({ name, state }) => `stop ${name} (${state})`),
    ...strays.map((name) => `remove ${name} (unrecorded)`),
    ...nested.map((dir) => `remove the lab of a drill in "${dir}"`),
    keepData ? 'keep storage and logs' : `delete all data and logs of the lab below "${store.stateDir}"`,
  ];
  return { ...destruction, effects };
}

/** Carries it out: the labs that drills left first, then the project's own. */
export async function destroyProject(
  tools: Toolbox,
  plan: Destruction,
  openTools: OpenTools,
): Promise<DestroyDocument> {
  const removed = [...(await destroyNested(tools, openTools)), ...(await destroy(tools, plan))];
  return destroyDocument(plan, removed);
}

export function destroyDocument(
  { project, keepData }: Destruction,
  removed: DestroyDocument['removed'] = [],
): DestroyDocument {
  return { schema: 'kmk.destroy/v1', project, removed, keepData };
}
