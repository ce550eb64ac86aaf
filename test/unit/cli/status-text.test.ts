import { expect, test } from 'vitest';
import { PLAIN } from '../../../src/cli/paint.ts';
import { statusText } from '../../../src/cli/status-text.ts';
import type { StatusDocument } from '../../../src/domain/documents.ts';

const STATUS: StatusDocument = {
  ...{ schema: 'kmk.status/v1', project: 'shop', runtime: 'local', state: 'running', active: 'primary' },
  ...{ clusters: [], flows: [], services: [] },
};

test('what waves have moved is said under the head, by the cluster where it is active; nothing where none has', () => {
  const moved = ['orders', 'payments'].map((topic) => ({ topic, from: 'primary', to: 'dr' }));
  expect(statusText({ ...STATUS, moved }, PLAIN).split('\n')[2]).toBe(
    'moved to "dr", which is active for them: orders, payments',
  );
  expect(statusText({ ...STATUS, moved: moved.slice(0, 1) }, PLAIN)).toContain('which is active for it: orders');
  expect(statusText(STATUS, PLAIN)).not.toContain('moved');
});
