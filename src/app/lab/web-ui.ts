import { KmkError } from '../../domain/errors.ts';
import type { Lab } from './lab.ts';

/** Where the web UI of the lab answers. Throws KMK_WRONG_STATE where the lab has none or it does not run. */
export async function webUi(lab: Lab): Promise<{ readonly address: string; readonly clusters: readonly string[] }> {
  if (lab.runtime.name !== 'docker') {
    throw new KmkError('KMK_WRONG_STATE', `the ${lab.runtime.name} runtime has no web UI`, {
      hints: ['Run `kmk status --watch` for the same lab in the terminal, or `kmk deploy --runtime docker`.'],
    });
  }
  if (!lab.record.setup.ui.enabled) {
    throw new KmkError('KMK_WRONG_STATE', 'the web UI is turned off by `ui.enabled` in kmk.yaml', {
      hints: ['Set it to true and run `kmk deploy`.'],
    });
  }
  const ui = (await lab.runtime.list()).find(({ kind }) => kind === 'ui');
  if (ui === undefined || ui.state !== 'running') {
    const message =
      ui === undefined ? 'the web UI of this lab was never started' : `the web UI is ${ui.state}, not running`;
    throw new KmkError('KMK_WRONG_STATE', message, {
      hints: ['Run `kmk deploy` to start it; it says why where that does not work.'],
    });
  }
  const clusters = lab.layout.clusters.map(({ alias }) => alias);
  return { address: `http://127.0.0.1:${lab.layout.uiPort}`, clusters };
}
