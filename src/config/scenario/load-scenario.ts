import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { KmkError } from '../../domain/errors.ts';
import type { Scenario } from '../../domain/scenario.ts';
import type { Setup } from '../../domain/setup.ts';
import { nearestName } from '../../util/nearest.ts';
import { checkDocument } from '../check-document.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { invalidConfig } from '../diagnostics.ts';
import { isMapping } from '../document-value.ts';
import { readNamedFile, shownPath } from '../find-config-file.ts';
import { schemaFindings } from '../schema-issues.ts';
import type { Locate } from '../yaml-document.ts';
import { parseYaml } from '../yaml-document.ts';
import { normaliseScenario } from './normalise.ts';
import { scenarioFindings } from './rules.ts';
import { scenarioSchema } from './schema.ts';

/** A text as a scenario. Throws KMK_CONFIG_INVALID with everything that is wrong, each with its line. */
export function readScenario(text: string, name: string): Scenario {
  const yaml = parseYaml(text, name);
  if (yaml.syntaxErrors.length > 0) throw invalidConfig([...yaml.syntaxErrors, ...yaml.findings]);
  const findings = schemaFindings(scenarioSchema, yaml.value, yaml.locate).map(({ diagnostic }) => diagnostic);
  const topology = readTopology(yaml.value, findings, yaml.locate);
  const parsed = scenarioSchema.safeParse(yaml.value);
  const wrong = [...yaml.findings, ...findings, ...topology.errors];
  if (parsed.success) wrong.push(...scenarioFindings(parsed.data, topology.setup, yaml.locate));
  if (!parsed.success || wrong.length > 0) throw invalidConfig(wrong);
  return normaliseScenario(parsed.data, topology.setup);
}

/** The topology as the setup of a lab of its own: every port is free to choose, nothing but brokers and MM2 runs. */
function readTopology(
  document: unknown,
  findings: readonly Diagnostic[],
  locate: Locate,
): { readonly setup: Setup | null; readonly errors: readonly Diagnostic[] } {
  const topology = isMapping(document) ? document['topology'] : undefined;
  // What the schema has refused is said already.
  if (!isMapping(topology) || findings.some(({ path }) => path.startsWith('topology')))
    return { setup: null, errors: [] };
  const clusters = topology['clusters'];
  const value = {
    version: 1,
    name: 'kmk-drill',
    ui: { enabled: false },
    ...topology,
    ...(isMapping(clusters) ? { clusters: Object.fromEntries(Object.entries(clusters).map(onFreePort)) } : {}),
  };
  const { setup, errors } = checkDocument(value, (path, of) => locate(['topology', ...path], of));
  return { setup, errors: errors.map((error) => ({ ...error, path: `topology.${error.path}` })) };
}

function onFreePort([alias, cluster]: [string, unknown]): [string, unknown] {
  const body = cluster === null ? {} : cluster;
  return [alias, isMapping(body) && body['bootstrap'] === undefined ? { ...body, port: 'auto' } : body];
}

export interface ScenarioEntry {
  readonly name: string;
  readonly file: string;
  readonly summary: string;
}

/** The scenarios of a folder, sorted by name. */
export async function listScenarios(folder: string): Promise<readonly ScenarioEntry[]> {
  const entries: ScenarioEntry[] = [];
  for (const name of await scenarioNames(folder)) {
    const file = join(folder, `${name}.yaml`);
    entries.push({ name, file, summary: readScenario(await readNamedFile(file, file), file).summary });
  }
  return entries;
}

async function scenarioNames(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}

export interface ScenarioSource {
  /** A shipped scenario's name, or a file. */
  readonly wanted: string;
  readonly folder: string;
  readonly cwd: string;
}

export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly file: string;
  readonly text: string;
}

/**
 * Loads by name, or by path where it looks like one (a separator, or an ending of .yaml or .yml). Throws
 * KMK_CONFIG_FILE for what is not there, KMK_CONFIG_INVALID for what is wrong.
 */
export async function loadScenario({ wanted, folder, cwd }: ScenarioSource): Promise<LoadedScenario> {
  const isPath = /[/\\]|\.ya?ml$/.test(wanted);
  if (!isPath) await refuseUnknown(wanted, folder);
  const file = isPath ? resolve(cwd, wanted) : join(folder, `${wanted}.yaml`);
  const shown = isPath ? shownPath(file, cwd) : `${wanted}.yaml`;
  const text = await readNamedFile(file, shown);
  return { scenario: readScenario(text, shown), file, text };
}

async function refuseUnknown(wanted: string, folder: string): Promise<void> {
  const names = await scenarioNames(folder);
  if (names.includes(wanted)) return;
  const nearest = nearestName(wanted, names);
  const guess = nearest === null ? [] : [`Did you mean "${nearest}"?`];
  throw new KmkError('KMK_CONFIG_FILE', `there is no scenario "${wanted}"`, {
    hints: [...guess, 'Run `kmk scenario list` for all of them, or name a file that ends in .yaml.'],
    context: { scenario: wanted },
  });
}
