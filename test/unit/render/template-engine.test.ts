import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTemplateEngine } from '../../../src/render/template-engine.ts';

it('throws for a name that the view lacks instead of printing nothing', () => {
  const fill = createTemplateEngine();
  expect(() => fill('connect/connector.json', { entries: [] })).toThrow('{{json}} undefined');
  expect(() => fill('connect/connector.json', { name: 'n' })).toThrow('{{#each}} undefined');
  expect(() => fill('connect/connector.json', { name: 'n', entries: [{ key: 'k' }] })).toThrow('{{json}} undefined');
  expect(fill('connect/connector.json', { name: 'n', entries: [] })).toContain('"n"');
});

it('does not load handlebars before the first template', () => {
  const module = join(import.meta.dirname, '../../../src/render/template-renderer.ts');
  const script = `
    import { createTemplateRenderer } from ${JSON.stringify(module)};
    import { createRequire } from 'node:module';
    createTemplateRenderer();
    const loaded = Object.keys(createRequire(${JSON.stringify(module)}).cache ?? {});
    console.log(loaded.filter((file) => file.includes('handlebars')).length);`;
  const output = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../../..'),
    encoding: 'utf8',
  });
  expect(output.trim()).toBe('0');
});
