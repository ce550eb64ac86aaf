import type { CliServices } from './cli-services.ts';
import { kmkVersion } from '../composition/version.ts';

/** The real config reader and the composed application, imported when they are needed. */
export const defaultServices: CliServices = {
  async loadConfig(request) {
    const { loadConfig } = await import('../config/index.ts');
    return loadConfig(request);
  },
  async app({ config, ...request }) {
    const { openApp } = await import('../composition/app.ts');
    return openApp({ ...request, setup: config.setup, kmkVersion: kmkVersion() });
  },
};
