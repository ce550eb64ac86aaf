/** A block of a properties file: one comment line, then its entries in order. */
export interface PropertySection {
  readonly comment: string;
  readonly entries: readonly (readonly [key: string, value: string])[];
}

/** All entries of the sections as one map; later sections win. */
export function toMap(sections: readonly PropertySection[]): Readonly<Record<string, string>> {
  return Object.fromEntries(sections.flatMap((section) => section.entries));
}

/** The file with the lab's random passwords, relative to the rendered files; mode 0600, never committed. */
export const SECRETS_FILE = './secrets/internal.properties';

/** Principals of the INTERNAL listener, both super users. */
export const INTERNAL_USERS = ['kmk', 'mm2'] as const;
export type InternalUser = (typeof INTERNAL_USERS)[number];

/** A reference that Kafka's FileConfigProvider resolves: the password is never text in a rendered file. */
export function secretRef(user: InternalUser): string {
  return `\${file:${SECRETS_FILE}:${user}.password}`;
}

/** The providers every JVM of the lab needs to resolve `${file:...}`, `${env:...}` and `${directory:...}`. */
export const CONFIG_PROVIDERS: PropertySection = {
  comment: 'Where ${file:...}, ${env:...} and ${directory:...} references are resolved',
  entries: [
    ['config.providers', 'file,env,directory'],
    ['config.providers.file.class', 'org.apache.kafka.common.config.provider.FileConfigProvider'],
    ['config.providers.env.class', 'org.apache.kafka.common.config.provider.EnvVarConfigProvider'],
    ['config.providers.directory.class', 'org.apache.kafka.common.config.provider.DirectoryConfigProvider'],
  ],
};
