import type { ClusterClient } from '../client/cluster-client.ts';
import type { ApiVersionsResponse } from '../wire/api/api-versions.ts';
import { API_VERSIONS } from '../wire/api/api-versions.ts';

/** Highest metadata.version level of each release (class MetadataVersion of kafka-server-common 4.3.1). */
const LEVELS: readonly (readonly [level: number, release: string])[] = [
  [30, '4.3'],
  [28, '4.2'],
  [26, '4.1'],
  [22, '4.0'],
  [21, '3.9'],
  [20, '3.8'],
  [15, '3.7'],
  [12, '3.6'],
  [9, '3.5'],
  [8, '3.4'],
  [4, '3.3'],
  [1, '3.2'],
];

/**
 * Release by what the broker could run at, "3.9" for example. Feature levels exist since 3.3 and newer releases than
 * the table count as its last; null for brokers that show none.
 */
export async function brokerVersion(cluster: ClusterClient, signal?: AbortSignal): Promise<string | null> {
  const response = await cluster.retrying(signal, () =>
    cluster.any(API_VERSIONS, { clientSoftwareName: 'kmk', clientSoftwareVersion: '1' }),
  );
  return releaseOf(response);
}

/** Exported for its unit test. */
export function releaseOf({ supportedFeatures }: Pick<ApiVersionsResponse, 'supportedFeatures'>): string | null {
  const metadata = supportedFeatures.find((feature) => feature.name === 'metadata.version');
  if (metadata === undefined) return null;
  return LEVELS.find(([level]) => metadata.maxVersion >= level)?.[1] ?? null;
}
