import { KmkError } from '../../domain/errors.ts';
import { containerSpec } from '../../domain/lab/services.ts';
import type { Lab } from '../lab/lab.ts';
import { step } from '../step.ts';

/** Runs the one-shot service of docker-compose.yml that posts the connectors, as Compose does. */
export async function postConnectors(lab: Lab, signal: AbortSignal): Promise<void> {
  if (lab.runtime.name === 'docker') await lab.runtime.start(containerSpec('connectors', 'job'), signal);
}

/** Starts the web UI. Without its image the lab is as good: that is a warning. True when it did not run before. */
export async function startUi(lab: Lab, signal: AbortSignal): Promise<boolean> {
  if (lab.runtime.name !== 'docker' || !lab.record.setup.ui.enabled) return false;
  const { events } = lab.tools;
  return step(lab.tools, 'ui', 'deploy', 'starting the web UI', async () => {
    try {
      return await lab.runtime.start(containerSpec('ui', 'ui', `127.0.0.1:${lab.layout.uiPort}`), signal);
    } catch (error) {
      if (!KmkError.is(error) || error.code !== 'KMK_IMAGE_MISSING') throw error;
      events.emit('warning', {
        text: `no web UI: ${error.message}`,
        hint: 'Give `--no-ui`, or name an image that can be had in `images.ui` of kmk.yaml.',
      });
      return false;
    }
  });
}

/** Says which containers of this lab belong to no service of its docker-compose.yml. */
export async function nameOrphans(lab: Lab): Promise<void> {
  for (const name of await lab.runtime.unrecorded()) {
    lab.tools.events.emit('warning', {
      text: `"${name}" belongs to the lab and to no service of its docker-compose.yml`,
      hint: `Remove it with \`docker rm -f ${name}\`, or everything with \`kmk destroy\`.`,
    });
  }
}
