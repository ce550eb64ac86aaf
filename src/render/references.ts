import { SECRETS_FILE } from '../domain/lab/properties.ts';

/** What Kafka's config providers and TLS will read inside a container, so that Compose has to bring it in. */
export interface References {
  /** Names of environment variables, sorted. */
  readonly variables: readonly string[];
  /** Files and directories as the configuration names them, sorted; without the lab's own secrets file. */
  readonly paths: readonly string[];
}

type Entry = readonly [key: string, value: string];

const REFERENCE = /\$\{(env|file|directory):([^}:]+)(?::[^}]*)?\}/g;
const STORE_LOCATION = /ssl\.(?:truststore|keystore)\.location$/;

/** Finds the references in the options that a process is given. */
export function findReferences(entries: readonly Entry[]): References {
  const variables = new Set<string>();
  const paths = new Set<string>();
  for (const [key, value] of entries) {
    if (STORE_LOCATION.test(key)) paths.add(value);
    for (const [, provider, name = ''] of value.matchAll(REFERENCE)) {
      (provider === 'env' ? variables : paths).add(name);
    }
  }
  paths.delete(SECRETS_FILE);
  return { variables: [...variables].sort(), paths: [...paths].sort() };
}
