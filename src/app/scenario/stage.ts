import { KmkError } from '../../domain/errors.ts';
import type { Scenario } from '../../domain/scenario.ts';
import type { FaultKind } from '../../domain/fault.ts';
import { isNetworkFault, refuseImpossible } from '../../domain/fault.ts';
import type { RuntimeName, Setup } from '../../domain/setup.ts';
import { deploy } from '../deploy/deploy.ts';
import { runtimeOf } from '../deploy/deploy-project.ts';
import { destroy } from '../deploy/destroy.ts';
import { healAndWait } from '../disrupt/end-faults.ts';
import { findLab, openLab } from '../lab/lab.ts';
import type { RunStore } from '../ports/run-store.ts';
import type { OpenTools, Toolbox } from '../ports/toolbox.ts';
import { readStatus } from '../status/status.ts';

/** Room for the topics of a lab and a drill's records, and soon full. */
const DRILL_DISK_MB = 256;

export interface StageRequest {
  readonly scenario: Scenario;
  /** The project's setup: deployed where nothing is and the drill brings no lab. */
  readonly setup: Setup;
  /** Where the lab of a drill with a topology lives, relative to the state directory. */
  readonly ownDir: string;
  /** The project's name of that lab. */
  readonly ownProject: string;
  readonly openTools: OpenTools;
}

/** Where a drill plays. */
export interface Stage extends AsyncDisposable {
  readonly tools: Toolbox;
  readonly setup: Setup;
  /** found: deployed before. project: the project's own, deployed for the drill. own: the drill's topology. */
  readonly origin: 'found' | 'project' | 'own';
}

/** Picks the stage; `prepareStage` stands it up. */
export async function openStage(tools: Toolbox, request: StageRequest): Promise<Stage> {
  const { scenario, setup } = request;
  if (scenario.topology !== null) {
    const own = request.openTools(`${tools.store.stateDir}/${request.ownDir}`, tools.events);
    // The lab is the drill's; the run and its files stay with the project.
    const store: RunStore = {
      ...tools.store,
      loadLab: () => own.store.loadLab(),
      saveLab: (record) => own.store.saveLab(record),
      removeLab: () => own.store.removeLab(),
      hasLabFolder: () => own.store.hasLabFolder(),
    };
    return {
      tools: { ...own, confirm: tools.confirm, store },
      setup: preparedFor(scenario, {
        ...scenario.topology,
        name: request.ownProject,
        runtime: setup.runtime,
        images: setup.images,
      }),
      origin: 'own',
      [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    };
  }
  const found = await findLab(tools);
  const origin = found === null ? 'project' : 'found';
  return {
    tools,
    setup: found?.record.setup ?? preparedFor(scenario, setup),
    origin,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Deploys where nothing runs; a lab that was found must be whole. Throws KMK_WRONG_STATE where it is not. */
export async function prepareStage(stage: Stage, scenario: Scenario, signal: AbortSignal): Promise<void> {
  const { tools, setup, origin } = stage;
  if (origin !== 'found') {
    // What an earlier drill left here (a kept demo, a crash) makes room.
    if (origin === 'own') await sweepStage(stage);
    const runtime = await runtimeOf(tools, setup.runtime, setup);
    refuseFaults(scenario, runtime, setup);
    await deploy(tools, { setup, runtime, wait: true, ui: origin === 'project' }, signal);
    return;
  }
  const lab = await openLab(tools);
  refuseFaults(scenario, lab.runtime.name, lab.record.setup);
  // A drill that crashed may have left its faults.
  const healed = await healAndWait(lab, signal);
  if (healed.length > 0)
    tools.events.emit('note', { text: `healed what an earlier drill broke on ${healed.join(', ')}` });
  const status = await readStatus(tools, setup.name, signal);
  if (status.state === 'running') return;
  throw new KmkError(
    'KMK_WRONG_STATE',
    `the lab of project "${setup.name}" is ${status.state}, a drill needs it running`,
    {
      hints: ['Run `kmk status` to see what is wrong, then `kmk deploy` or `kmk failback`.'],
      context: { state: status.state },
    },
  );
}

/** Before anything is deployed or broken. */
function refuseFaults(scenario: Scenario, runtime: RuntimeName, setup: Setup): void {
  for (const kind of faultsOf(scenario)) refuseImpossible(kind, runtime, setup);
}

/** A lab that stands up for a drill is prepared for what the drill does to it. */
function preparedFor(scenario: Scenario, setup: Setup): Setup {
  const kinds = faultsOf(scenario);
  const network = setup.faults.network || kinds.some((kind) => isNetworkFault({ kind }));
  const diskMb = setup.faults.diskMb === 0 && kinds.includes('disk-full') ? DRILL_DISK_MB : setup.faults.diskMb;
  return { ...setup, faults: { network, diskMb } };
}

function faultsOf({ steps }: Scenario): readonly FaultKind[] {
  return steps.flatMap((step) => {
    if (step.kind === 'disaster') return [step.how];
    return step.kind === 'fault' ? [step.fault] : [];
  });
}

/** Removes the lab that the drill brought. */
export async function sweepStage({ tools, setup }: Stage): Promise<void> {
  await destroy(tools, { project: setup.name, kafkaVersion: setup.kafka.version, keepData: false });
}
