import { KmkError } from '../../domain/errors.ts';
import { nearestName } from '../../util/nearest.ts';
import type { ServiceInfo } from '../ports/service-runtime.ts';

/** The service of that name. Throws KMK_USAGE with the name that was probably meant. */
export function findService(services: readonly ServiceInfo[], name: string): ServiceInfo {
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found;
  const names = services.map((service) => service.name);
  const begun = names.find((known) => known.startsWith(name) || known.includes(`-${name}`));
  const close = nearestName(name, names) ?? begun ?? null;
  const hints = close === null ? [] : [`Did you mean "${close}"?`];
  throw new KmkError('KMK_USAGE', `unknown service "${name}"`, {
    hints: [...hints, `There are ${names.map((known) => `"${known}"`).join(', ')}.`],
  });
}
