import type { CliServices } from './cli-services.ts';

/** The real config reader and the composed application, imported when they are needed. */
export const defaultServices: CliServices = {
  loadConfig: () => Promise.reject(new Error('the config reader is not connected yet')),
  app: () => Promise.reject(new Error('the application is not connected yet')),
};
