import { imagesOf, neededImages } from '../domain/lab/images.ts';
import type { RuntimeChoice, RuntimeName, Setup } from '../domain/setup.ts';
import { dockerReady } from '../runtime/docker/engine-ready.ts';
import { findJava } from '../runtime/local/java.ts';

const ANSWER_LIMIT_MS = 1000;

/** What `auto` means on this machine: Docker if an engine answers within a second and has the images, else Java, else Docker. */
export async function chooseRuntime(choice: RuntimeChoice, setup: Setup, env: NodeJS.ProcessEnv): Promise<RuntimeName> {
  if (choice !== 'auto') return choice;
  const images = [...neededImages(setup).keys(), ...(setup.ui.enabled ? [imagesOf(setup).ui] : [])];
  if (await dockerReady(env, images, ANSWER_LIMIT_MS)) return 'docker';
  const java = await findJava(env).catch(() => null);
  return java === null ? 'docker' : 'local';
}
