import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const LINE_LIMIT = 400;

const ADAPTERS = ['kafka', 'connect', 'runtime', 'render', 'store', 'faults', 'report', 'serve', 'gate'];

/**
 * What each folder of src may import besides itself: folders, `node` for Node's own modules, `npm` for packages.
 * `index` is src/index.ts, the library.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  util: ['node'],
  app: ['domain', 'util'],
  config: ['domain', 'util', 'node', 'npm'],
  composition: ['app', 'domain', 'util', 'node', 'npm', ...ADAPTERS],
  cli: ['app', 'composition', 'config', 'domain', 'util', 'node', 'npm'],
  library: ['app', 'composition', 'config', 'domain'],
  index: ['library', 'app', 'domain'],
  ...Object.fromEntries(ADAPTERS.map((name) => [name, ['app/ports', 'domain', 'util', 'node', 'npm']])),
};

interface Edge {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'));

const edges: readonly Edge[] = files.flatMap((from) => {
  return specifiersOf(textOf(from)).map((specifier) => ({ from, to: targetOf(from, specifier) }));
});

function textOf(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

/** Every module that a file names: imports and re-exports, of types too, and `import()`. */
function specifiersOf(text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** A path below src, `node:...`, or `npm:...`. */
function targetOf(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return relative(SRC, join(SRC, dirname(from), specifier))
      .split(sep)
      .join('/');
  return specifier.startsWith('node:') || builtinModules.includes(specifier) ? specifier : `npm:${specifier}`;
}

function folderOf(file: string): string {
  const kind = /^(node|npm):/.exec(file)?.[1];
  return kind ?? (file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, ''));
}

function isAllowed({ from, to }: Edge): boolean {
  const [source, target] = [folderOf(from), folderOf(to)];
  if (source === target) return true;
  const allowed = MAY_IMPORT[source] ?? [];
  return allowed.includes(target) || allowed.some((folder) => folder.includes('/') && to.startsWith(`${folder}/`));
}

const text = ({ from, to }: Edge): string => `${from} -> ${to}`;

describe('layers', () => {
  it('sees the imports', () => {
    expect(edges.length).toBeGreaterThan(files.length);
    expect(edges.map(text)).toContain('cli/default-services.ts -> composition/app.ts');
    expect(specifiersOf("import type { A } from './a.ts'; export * from './b.ts'; await import('./c.ts');")).toEqual([
      ...['./a.ts', './b.ts', './c.ts'],
    ]);
  });

  it('refuses what must not be', () => {
    const edge = (from: string, to: string): Edge => ({ from, to });
    expect(isAllowed(edge('domain/a.ts', 'app/run.ts'))).toBe(false);
    expect(isAllowed(edge('domain/a.ts', 'node:fs'))).toBe(false);
    expect(isAllowed(edge('app/a.ts', 'npm:zod'))).toBe(false);
    expect(isAllowed(edge('kafka/a.ts', 'connect/rest-client.ts'))).toBe(false);
    expect(isAllowed(edge('kafka/a.ts', 'app/run.ts'))).toBe(false);
    expect(isAllowed(edge('kafka/a.ts', 'app/ports/clock.ts'))).toBe(true);
    expect(isAllowed(edge('cli/main.ts', 'kafka/kafka-admin.ts'))).toBe(false);
  });

  it('knows every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
  });

  it('import only what is below them', () => {
    expect(edges.filter((edge) => !isAllowed(edge)).map(text)).toEqual([]);
  });

  it('have ports that import no use case', () => {
    const ports = edges.filter(({ from, to }) => from.startsWith('app/ports/') && to.startsWith('app/'));
    expect(ports.filter(({ to }) => !to.startsWith('app/ports/')).map(text)).toEqual([]);
  });

  it('have use cases that only reach what is pure', () => {
    const tools = new Set(
      edges.filter(({ from, to }) => /^(app|domain)\//.test(from) && to.startsWith('util/')).map(({ to }) => to),
    );
    expect(edges.filter(({ from }) => tools.has(from)).map(text)).toEqual([]);
  });

  it('have no cycle among their files, types left out', () => {
    expect(cycles()).toEqual([]);
  });
});

describe('files of src', () => {
  it(`have at most ${LINE_LIMIT} lines`, () => {
    const lines = (file: string): number => textOf(file).split('\n').length - 1;
    expect(files.filter((file) => lines(file) > LINE_LIMIT)).toEqual([]);
  });
});

/** Cycles of imports that exist at run time, each as the path that closes it. */
function cycles(): readonly string[] {
  const next = new Map(files.map((file) => [file, runtimeImports(file)]));
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'open') found.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (state.has(file)) return;
    state.set(file, 'open');
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of files) visit(file, []);
  return found;
}

/** Imports that are left after compiling: `verbatimModuleSyntax` keeps all but those that say `type`. */
function runtimeImports(file: string): readonly string[] {
  const statement = /^(?:import|export)(?!\s+type\b)(?:[^;']*?\bfrom)?\s*'([^']+)'/gm;
  return [...textOf(file).matchAll(statement)].map(([, specifier = '']) => targetOf(file, specifier));
}
