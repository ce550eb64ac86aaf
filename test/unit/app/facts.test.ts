import { describe, expect, it } from 'vitest';
import { keepFacts, recallFacts } from '../../../src/app/facts.ts';
import { isFactsFile, MOST_IN_EVENT } from '../../../src/domain/plan/facts.ts';

/** The files of a run. */
class Files {
  readonly content = new Map<string, string>();
  readonly saveRunFile = (_run: string, name: string, text: string): Promise<string> => {
    this.content.set(name, text);
    return Promise.resolve(name);
  };
  readonly readRunFile = (_run: string, name: string): Promise<string | null> =>
    Promise.resolve(this.content.get(name) ?? null);
}

const groups = Array.from({ length: 3000 }, (_, index) => ({ group: `group-${index}`, best: String(index) }));

describe('what a step found', () => {
  it('lies in files where it is long, and is recalled as it was', async () => {
    const files = new Files();
    const found = { cutAt: 5, groups, none: undefined };
    const short = await keepFacts(files, 'run', 'offsets', found);
    expect(JSON.stringify(short).length).toBeLessThan(MOST_IN_EVENT);
    expect(short['cutAt']).toBe(5);
    expect([...files.content.keys()]).toEqual(['facts/offsets-groups.json']);
    expect(await recallFacts(files, 'run', short)).toEqual(found);
  });

  it('is not known where its file is gone', async () => {
    const files = new Files();
    const short = await keepFacts(files, 'run', 'offsets', { cutAt: 5, groups });
    files.content.clear();
    expect(await recallFacts(files, 'run', short)).toEqual({ cutAt: 5 });
  });

  it('is never a file outside of its folder', () => {
    expect(isFactsFile('facts/offsets-groups.json')).toBe(true);
    for (const name of ['facts/../plan.json', 'plan.json', 'facts/a/b.json', '/facts/a.json']) {
      expect(isFactsFile(name)).toBe(false);
    }
  });
});
