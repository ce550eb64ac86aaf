import { composeObstacle } from '../../domain/lab/compose-support.ts';
import { layoutOf } from '../../domain/lab/layout.ts';
import type { LabPorts } from '../../domain/lab/ports.ts';
import type { Setup } from '../../domain/setup.ts';
import type { RenderedFile, TemplateRenderer } from '../ports/template-renderer.ts';

export const RENDER_TARGETS = ['compose', 'mm2', 'connect', 'worker', 'all'] as const;
export type RenderTarget = (typeof RENDER_TARGETS)[number];

/**
 * What `kmk render` writes. Files for the host carry its addresses (`kafka/`, `connect/`, `mm2/`), docker-compose.yml
 * and what it mounts (`containers/`) those that hold between containers, so `all` may go into one directory; `all`
 * also holds the brokers' files, and leaves docker-compose.yml out where the setup has none. Throws
 * KMK_CONFIG_INVALID when `compose` is asked for and the setup has none.
 */
export function renderAll(
  setup: Setup,
  ports: LabPorts,
  what: RenderTarget,
  renderer: TemplateRenderer,
): readonly RenderedFile[] {
  const host = layoutOf(setup, ports, 'local');
  const { flows } = setup.replication;
  const obstacle = composeObstacle(setup);
  const compose = (): readonly RenderedFile[] => renderer.compose(layoutOf(setup, ports, 'compose'));
  switch (what) {
    case 'compose':
      if (obstacle !== null) throw obstacle;
      return compose();
    case 'mm2':
      return renderer.mm2(host);
    case 'connect':
      return renderer.connectors(host, flows);
    case 'worker':
      return renderer.workers(host);
    case 'all':
      return [
        ...(obstacle === null ? compose() : []),
        ...renderer.brokers(host),
        ...renderer.workers(host),
        ...renderer.connectors(host, flows),
        ...renderer.mm2(host),
      ];
  }
}

/** Text of the files for a terminal or a pipe: one file as it is, several with a comment line before each. */
export function joinFiles(files: readonly RenderedFile[]): string {
  const [only] = files;
  if (only !== undefined && files.length === 1) return only.content;
  return files.map(({ path, content }) => `# ==> ${path} <==\n${content}`).join('\n');
}

/** The files that stdout gets: docker-compose.yml without what it mounts, everything of the other kinds. */
export function filesToPrint(files: readonly RenderedFile[], what: RenderTarget): readonly RenderedFile[] {
  return what === 'compose' ? files.filter(({ path }) => path === 'docker-compose.yml') : files;
}
