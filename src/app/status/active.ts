import type { ActiveDocument } from '../../domain/active-document.ts';
import { clusterLayout } from '../../domain/lab/layout.ts';
import { movedNow } from '../../domain/plan/part.ts';
import type { Lab } from '../lab/lab.ts';
import { openLab } from '../lab/lab.ts';
import type { Toolbox } from '../ports/toolbox.ts';

/** A look is a small file: this costs nothing, and a client that was told goes on before its next retry. */
const POLL_MS = 100;

/** Where clients work now, from the lab's record alone. Throws KMK_NOT_DEPLOYED. */
export async function readActive(tools: Toolbox): Promise<ActiveDocument> {
  return activeOf(await openLab(tools));
}

/** Waits until a move has raised the epoch above that, and gives what holds then. */
export async function awaitActive(tools: Toolbox, sinceEpoch: number, signal: AbortSignal): Promise<ActiveDocument> {
  for (;;) {
    const now = await readActive(tools);
    if (now.epoch > sinceEpoch) return now;
    await tools.clock.sleep(POLL_MS, signal);
  }
}

function activeOf({ record, layout }: Lab): ActiveDocument {
  const moved = movedNow(record);
  return {
    schema: 'kmk.active/v1',
    project: record.project,
    active: record.active,
    bootstrap: clusterLayout(layout, record.active).clientBootstrap,
    epoch: record.epoch,
    ...(moved === null
      ? {}
      : {
          moved: {
            to: moved.to,
            bootstrap: clusterLayout(layout, moved.to).clientBootstrap,
            topics: moved.topics,
          },
        }),
  };
}
