import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assembleReport } from '../../../src/app/report/assemble-report.ts';
import { renderHtml } from '../../../src/report/html.ts';
import { event, HOSTILE, run, unplannedKill, unplannedKillReport } from './fixture.ts';
import { hostileRun } from './hostile-run.ts';

const DATA = /<script type="application\/json" id="kmk-report">(.*)<\/script>\n<\/body>/s;

describe('the HTML report', () => {
  it('is one file that needs no network and runs no script', async () => {
    const html = await renderHtml(unplannedKillReport());
    expect(html).not.toMatch(/http/i);
    expect(html).not.toMatch(/<(link|img|iframe|object|embed|base)\b|@import|url\(|\ssrc=|\son\w+=|\sstyle=/i);
    expect(html.match(/<script[^>]*>/g)).toEqual(['<script type="application/json" id="kmk-report">']);
  });

  it('carries its data', async () => {
    const model = unplannedKillReport();
    const data = DATA.exec(await renderHtml(model))?.[1] ?? '';
    expect(data).not.toContain('<');
    expect(JSON.parse(data)).toEqual(model);
  });

  it('has a table for every chart', async () => {
    const html = await renderHtml(unplannedKillReport());
    const charts = html.split('<section').filter((part) => part.includes('<svg'));
    expect(charts).toHaveLength(2);
    for (const chart of charts) expect(chart).toMatch(/<details>.*<table>/s);
    expect(html.match(/role="img" aria-label="/g)).toHaveLength(3);
  });

  it('lets no text become markup', async () => {
    const model = assembleReport(hostileRun(HOSTILE));
    const html = await renderHtml(model);
    expect(html.match(/<script/gi)).toHaveLength(1);
    expect(/<img|<b>|\sonerror=['"y]/i.exec(html.replace(DATA, ''))).toBeNull();
    expect(html.includes('&lt;script&gt;alert(') && html.includes('{{{z}}}')).toBe(true);
    const harmless = await renderHtml(assembleReport(hostileRun('harmless')));
    expect(elements(html)).toEqual(elements(harmless));
  });

  it('has the same elements whatever the texts are', async () => {
    const expected = elements(await renderHtml(assembleReport(hostileRun('x'))));
    const markup = fc.string({
      unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '{', '}', '-', '!', 'a', ' ', ';'),
    });
    await fc.assert(
      fc.asyncProperty(markup, async (text) => {
        expect(elements(await renderHtml(assembleReport(hostileRun(`x${text}`))))).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('is rendered from a journal cut off anywhere', async () => {
    const whole = unplannedKill();
    for (let length = 0; length < whole.length; length += 9) {
      expect(await renderHtml(assembleReport(whole.slice(0, length)))).toContain('This run is unfinished');
    }
  });

  it('stays small for a long run', async () => {
    const lag = Array.from({ length: 100_000 }, (_, index) =>
      event(index * 100, 'flow.lag.sampled', { flow: 'a->b', lagRecords: (index * 7919) % 1000, lagMs: index % 50 }),
    );
    const commits = Array.from({ length: 5000 }, (_, partition) =>
      event(5, 'offsets.committed', {
        cluster: 'b',
        group: 'g',
        topic: 't',
        partition,
        offset: '1',
        previous: null,
        proof: 'sync',
      }),
    );
    const html = await renderHtml(assembleReport(run(lag, 0, 10_000_000)));
    expect(html.length).toBeLessThan(250_000);
    const line = /<path class="line" d="(M[^"h]*)"\/>/.exec(html)?.[1] ?? '';
    expect(line.split('L').length).toBeGreaterThan(400);
    expect(line.split('L').length).toBeLessThanOrEqual(501);
    const rows = await renderHtml(assembleReport(run(commits)));
    expect(rows).toContain('4500 more rows are in the JSON report.');
  });
});

describe('the templates', () => {
  it('escape everything', () => {
    const folder = new URL('../../../templates/report/', import.meta.url);
    const names = readdirSync(folder);
    expect(names).toContain('report.html.hbs');
    for (const name of names) {
      const text = readFileSync(new URL(name, folder), 'utf8');
      expect(text, name).not.toMatch(/\{\{\{|\{\{~?&/);
      expect(text, name).not.toMatch(/http/i);
    }
  });
});

/** All tags in their order with the names of their attributes; what is inside the embedded data is left out. */
function elements(html: string): readonly string[] {
  const tags = html.replace(DATA, '').match(/<[a-zA-Z!/][^>]*>/g) ?? [];
  return tags.map((tag) => tag.replace(/"[^"]*"/g, ''));
}
