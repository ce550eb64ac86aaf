import { KmkError } from '../../domain/errors.ts';
import type { ApiTables } from '../wire/schema.ts';
import type { ApiVersionRanges } from './kafkajs-internals.ts';

/** Highest version that kmk and the broker both speak. Throws KMK_KAFKA_REQUEST where there is none. */
export function pickVersion(api: ApiTables, ranges: ApiVersionRanges): number {
  const range = ranges[api.key];
  const version = range === undefined ? -1 : Math.min(api.max, range.maxVersion);
  if (range === undefined || version < Math.max(api.min, range.minVersion)) {
    const served = range === undefined ? 'not at all' : `versions ${range.minVersion} to ${range.maxVersion}`;
    throw new KmkError(
      'KMK_KAFKA_REQUEST',
      `the broker serves ${api.name} ${served}, kmk needs ${api.min} to ${api.max}`,
      {
        context: { error: 'UNSUPPORTED_VERSION', api: api.name },
      },
    );
  }
  return version;
}
