import { describe, expect, it } from 'vitest';
import { examine } from '../../../../src/app/doctor/doctor.ts';
import type { Machine } from '../../../../src/app/ports/machine.ts';
import type { Toolbox } from '../../../../src/app/ports/toolbox.ts';
import { loadConfig } from '../../../../src/config/index.ts';
import { KmkError } from '../../../../src/domain/errors.ts';
import { fakeToolbox } from '../../../fakes/toolbox.ts';

const GIB = 1024 ** 3;

/** A machine on which nothing is missing. */
const READY: Machine = {
  nodeVersion: '20.19.0',
  cores: 4,
  java: () => Promise.resolve({ command: 'java', version: '17.0.1' }),
  maven: () => Promise.resolve('Apache Maven 3.8.7'),
  jars: () => Promise.resolve({ from: 'cache', path: '/cache/libs' }),
  cacheDir: '/cache',
  isWritable: () => Promise.resolve(true),
  isPortFree: () => Promise.resolve(true),
  freeBytes: () => Promise.resolve(10 * GIB),
  freeMemory: () => Promise.resolve(8 * GIB),
  openFiles: () => Promise.resolve(1_048_576),
  docker: () => Promise.resolve(null),
  lockHolder: () => Promise.resolve(null),
};

async function findings(change: Partial<Machine>): Promise<Record<string, string>> {
  const { setup } = await loadConfig({ file: undefined, cwd: '/', env: {}, flags: {} });
  const tools = { ...fakeToolbox(), runtime: () => ({ list: () => Promise.resolve([]) }) } as unknown as Toolbox;
  const { ready, checks } = await examine({ ...READY, ...change }, tools, setup);
  expect(ready).toBe(!checks.some(({ finding }) => finding === 'missing'));
  const wrong = checks.filter(({ finding }) => finding !== 'ok' && finding !== 'info');
  for (const { hint } of wrong) expect(hint).not.toBeNull();
  return Object.fromEntries(wrong.map(({ id, finding }) => [id, finding]));
}

const java = () => Promise.reject(new KmkError('KMK_ENV_JAVA', 'java is too old', { hints: ['Install Java 17.'] }));

describe('doctor', () => {
  it.each<[string, Partial<Machine>, Record<string, string>]>([
    ['nothing', {}, {}],
    ['an old Node', { nodeVersion: '20.18.9' }, { node: 'missing' }],
    ['a new Node', { nodeVersion: '22.1.0' }, {}],
    ['no Java', { java }, { java: 'missing' }],
    ['jars to be fetched', { jars: () => Promise.resolve(null) }, {}],
    [
      'neither jars nor Maven',
      { jars: () => Promise.resolve(null), maven: () => Promise.resolve(null) },
      { jars: 'missing' },
    ],
    [
      'a folder that cannot be written',
      { isWritable: (dir) => Promise.resolve(dir !== '/cache') },
      { cache: 'missing' },
    ],
    ['a full disk', { freeBytes: () => Promise.resolve(1000) }, { disk: 'missing' }],
    ['a small disk', { freeBytes: () => Promise.resolve(GIB) }, { disk: 'warning' }],
    ['little memory', { freeMemory: () => Promise.resolve(GIB) }, { memory: 'warning' }],
    ['few open files', { openFiles: () => Promise.resolve(256) }, { 'open files': 'warning' }],
    ['a taken client port', { isPortFree: (port) => Promise.resolve(port !== 9093) }, { ports: 'missing' }],
    ['another taken port', { isPortFree: (port) => Promise.resolve(port !== 8083) }, {}],
    [
      'a lock of a process that died',
      { lockHolder: () => Promise.resolve({ pid: 1, command: 'deploy', alive: false }) },
      {},
    ],
  ])('%s', async (_name, change, expected) => {
    expect(await findings(change)).toEqual(expected);
  });
});
