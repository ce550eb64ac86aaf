import { parse } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../../util/duration.ts';

const MIB = 1024 * 1024;
const labels = z.record(z.string(), z.string());
const duration = z.string().transform((text) => parseDuration(text) ?? 0);
const mebibytes = z
  .string()
  .regex(/^\d+m$/)
  .transform((text) => Number.parseInt(text, 10) * MIB);

const service = z.strictObject({
  image: z.string(),
  user: z.string(),
  working_dir: z.string(),
  restart: z.literal('no'),
  /** Bytes. */
  mem_reservation: mebibytes,
  logging: z.strictObject({ driver: z.literal('json-file'), options: z.record(z.string(), z.string()) }),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string().nullable()).default({}),
  /** `address:host:container`. */
  ports: z.array(z.string().regex(/^[\d.]+:\d+:\d+$/)).default([]),
  networks: z.array(z.string()).min(1),
  volumes: z.array(
    z.strictObject({
      type: z.enum(['bind', 'volume']),
      source: z.string(),
      target: z.string(),
      read_only: z.boolean().default(false),
    }),
  ),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) }))
    .default({}),
  /** Times in ms. */
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: duration, timeout: duration, retries: z.number() })
    .optional(),
  profiles: z.array(z.string()).default([]),
  labels,
});

const file = z.strictObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({ labels })),
  volumes: z
    .record(z.string(), z.strictObject({ labels, driver_opts: z.record(z.string(), z.string()).optional() }))
    .nullable()
    .default({}),
});

/** A service of docker-compose.yml, complete and with typed values. */
export type ComposeService = z.infer<typeof service>;
export type ComposeDocument = z.infer<typeof file>;

/**
 * Reads the rendered text. Strict: a key that this runtime would not carry out must not pass unseen. Throws ZodError for
 * such a file, which is a bug of a template.
 */
export function parseCompose(text: string): ComposeDocument {
  return file.parse(interpolated(parse(text)));
}

/** `$$` is how Compose writes a dollar; nothing that kmk renders asks for a variable. */
function interpolated(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$$', '$');
  if (Array.isArray(value)) return value.map(interpolated);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, interpolated(inner)]));
}
