import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProjectRegistry } from '../../../src/app/ports/project-registry.ts';
import { createProjectRegistry } from '../../../src/store/file-project-registry.ts';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'kmk-projects-')));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A state directory with a lab of that project. */
async function deployed(name: string, project: string): Promise<ProjectRegistry> {
  await mkdir(join(dir, name, 'lab'), { recursive: true });
  await writeFile(join(dir, name, 'lab', 'lab.json'), JSON.stringify({ project }));
  return createProjectRegistry(join(dir, 'cache'), join(dir, name));
}

describe('projects of a user', () => {
  test('a project is claimed by one state directory only, which the refusal names', async () => {
    const [here, there] = [await deployed('here', 'shop'), await deployed('there', 'shop')];
    await here.claim('shop');
    await here.claim('shop');
    await expect(there.claim('shop')).rejects.toMatchObject({
      code: 'KMK_FOREIGN_PROJECT',
      kind: 'precondition',
      message: expect.stringContaining(`deployed from "${join(dir, 'here')}"`) as string,
    });
    await there.release('shop');
    await expect(there.claim('shop')).rejects.toMatchObject({ code: 'KMK_FOREIGN_PROJECT' });
    await here.release('shop');
    await there.claim('shop');
  });

  test('a claim lapses with the lab: folder gone, record gone, or of another project', async () => {
    const [here, there] = [await deployed('here', 'shop'), await deployed('there', 'shop')];
    await here.claim('shop');
    await writeFile(join(dir, 'here', 'lab', 'lab.json'), JSON.stringify({ project: 'other' }));
    await there.claim('shop');
    await rm(join(dir, 'there'), { recursive: true });
    await (await deployed('here', 'shop')).claim('shop');
  });

  test('of two that claim at once one is refused; any name is a file of its own', async () => {
    const projects = ['shop', '../shop', 'a/b'];
    for (const project of projects) {
      const [here, there] = [await deployed('here', project), await deployed('there', project)];
      const results = await Promise.allSettled([here.claim(project), there.claim(project)]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    }
    expect(await readdir(join(dir, 'cache'))).toHaveLength(projects.length);
  });
});
