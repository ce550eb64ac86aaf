import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flow, labCluster, labSetup, replication } from '../../../scripts/examples.ts';
import type { RenderedFile } from '../../../src/app/ports/template-renderer.ts';
import { brokerProperties } from '../../../src/domain/lab/broker-config.ts';
import { connectorsOf, workerProperties } from '../../../src/domain/lab/connect-config.ts';
import type { Layout } from '../../../src/domain/lab/layout.ts';
import { clusterLayout, layoutOf } from '../../../src/domain/lab/layout.ts';
import { mm2Properties } from '../../../src/domain/lab/mm2-config.ts';
import { preferredPorts } from '../../../src/domain/lab/ports.ts';
import { toMap } from '../../../src/domain/lab/properties.ts';
import type { Setup } from '../../../src/domain/setup.ts';
import { createTemplateRenderer } from '../../../src/render/template-renderer.ts';
import { parseProperties } from '../../helpers/java-properties.ts';

const renderer = createTemplateRenderer();

async function local(setup: Setup = labSetup()): Promise<Layout> {
  return layoutOf(setup, await preferredPorts(setup), 'local');
}

function content(files: readonly RenderedFile[], path: string): string {
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) throw new Error(`${path} is not among ${files.map((each) => each.path).join(', ')}`);
  return file.content;
}

describe('brokers', () => {
  it('renders one file per broker that holds what the domain says', async () => {
    const layout = await local(labSetup({ clusters: [labCluster('primary', 9092, 3), labCluster('dr', 9093)] }));
    const files = renderer.brokers(layout);
    expect(files).toHaveLength(4);
    for (const cluster of layout.clusters) {
      for (const broker of cluster.brokers) {
        const properties = parseProperties(content(files, `kafka/${broker.name}.properties`));
        expect(Object.fromEntries(properties)).toEqual(toMap(brokerProperties(layout, cluster, broker)));
      }
    }
  });
});

describe('workers', () => {
  it('renders one file per worker that holds what the domain says', async () => {
    const layout = await local();
    const files = renderer.workers(layout);
    expect(files.map(({ path }) => path)).toEqual([
      'connect/dr-connect.properties',
      'connect/primary-connect.properties',
    ]);
    for (const worker of layout.workers) {
      const properties = parseProperties(content(files, `connect/${worker.name}.properties`));
      expect(Object.fromEntries(properties)).toEqual(toMap(workerProperties(layout, worker)));
    }
  });
});

describe('connectors', () => {
  it('renders JSON and properties equal to the domain map, whatever the filters and options hold', async () => {
    const text = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, text, fc.dictionary(text, text), async (topic, group, config) => {
        const flows = [flow('primary', 'dr', { topics: [topic], groups: [group], config })];
        const layout = await local(labSetup({ replication: replication({ flows }) }));
        const files = renderer.connectors(layout, flows);
        expect(files).toHaveLength(6);
        for (const { type, name, config: expected } of connectorsOf(layout, flows[0]!)) {
          const path = `connect/primary-dr/${type}`;
          expect(JSON.parse(content(files, `${path}.json`))).toEqual({ name, config: expected });
          const properties = parseProperties(content(files, `${path}.properties`));
          expect(Object.fromEntries(properties)).toEqual({ name, ...expected });
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('mm2', () => {
  it('renders what the domain says', async () => {
    const layout = await local(labSetup({ replication: replication({ mode: 'dedicated', separator: '_' }) }));
    const properties = parseProperties(content(renderer.mm2(layout), 'mm2/mm2.properties'));
    expect(Object.fromEntries(properties)).toEqual(toMap(mm2Properties(layout)));
    expect(properties.get('replication.policy.separator')).toBe('_');
  });
});

describe('every rendered file', () => {
  it('is the same for the same layout, and ends with one newline', async () => {
    const setup = labSetup();
    const layout = layoutOf(setup, await preferredPorts(setup), 'compose');
    const render = (): readonly RenderedFile[] => createTemplateRenderer().compose(layout);
    expect(render()).toEqual(render());
    for (const { path, content: text } of render()) expect(text, path).toMatch(/[^\n]\n$/);
  });

  it('keeps to comments what a name with a newline would smuggle in', async () => {
    const layout = await local(labSetup({ name: 'a\nadmin.evil=1' }));
    const properties = parseProperties(content(renderer.mm2(layout), 'mm2/mm2.properties'));
    expect(properties.has('admin.evil')).toBe(false);
    expect(clusterLayout(layout, 'dr').alias).toBe('dr');
  });
});

it('refuses to render docker-compose.yml with addresses of the host', async () => {
  const layout = await local();
  expect(() => renderer.compose(layout)).toThrow('compose addressing');
});
