import { describe, expect, it } from 'vitest';
import { labSetup } from '../../../../scripts/examples.ts';
import { filesToPrint, joinFiles, renderAll, RENDER_TARGETS } from '../../../../src/app/render/render-files.ts';
import type { RenderedFile } from '../../../../src/app/ports/template-renderer.ts';
import type { RenderTarget } from '../../../../src/app/render/render-files.ts';
import { preferredPorts } from '../../../../src/domain/lab/ports.ts';
import type { Setup } from '../../../../src/domain/setup.ts';
import { createTemplateRenderer } from '../../../../src/render/template-renderer.ts';

async function render(what: RenderTarget, setup: Setup = labSetup()): Promise<readonly RenderedFile[]> {
  return renderAll(setup, await preferredPorts(setup), what, createTemplateRenderer());
}

describe('renderAll', () => {
  it.each([
    ['mm2', ['mm2/mm2.properties']],
    ['worker', ['connect/dr-connect.properties', 'connect/primary-connect.properties']],
  ] as const)('%s', async (what, paths) => {
    expect((await render(what)).map(({ path }) => path)).toEqual(paths);
  });

  it('gives each path once, all kinds together', async () => {
    const all = (await render('all')).map(({ path }) => path);
    expect(new Set(all).size).toBe(all.length);
    for (const what of RENDER_TARGETS) {
      expect(all).toEqual(expect.arrayContaining((await render(what)).map(({ path }) => path)));
    }
  });

  it('gives the host its own addresses and containers theirs', async () => {
    const all = await render('all');
    const bootstrap = (path: string): string =>
      /^bootstrap\.servers=(.*)$/m.exec(all.find((file) => file.path === path)?.content ?? '')?.[1] ?? '';
    expect(bootstrap('connect/dr-connect.properties')).toBe('127.0.0.1:29093');
    expect(bootstrap('containers/connect/dr-connect.properties')).toBe('dr-broker-1:1091');
  });
});

describe('printing', () => {
  it('prints one file as it is', async () => {
    const files = await render('mm2');
    expect(joinFiles(files)).toBe(files[0]?.content);
  });

  it('prints docker-compose.yml alone', async () => {
    expect(filesToPrint(await render('compose'), 'compose').map(({ path }) => path)).toEqual(['docker-compose.yml']);
  });

  it('puts a comment line before each of several', () => {
    const files = ['a', 'b'].map((path) => ({ path, content: `${path}=1\n` }));
    expect(joinFiles(filesToPrint(files, 'worker'))).toBe('# ==> a <==\na=1\n\n# ==> b <==\nb=1\n');
  });
});
