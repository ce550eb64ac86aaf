import { describe, expect, it } from 'vitest';
import type { Environment, FlagValues } from '../../../src/config/index.ts';
import { errorsOf, read, refusal } from './expectations.ts';

function effective(path: string, text: string, env: Environment = {}, flags: FlagValues = {}): unknown {
  const { value, origin } = read(text, env, flags).effective.find((entry) => entry.path === path) ?? {};
  return [value, origin];
}

describe('precedence', () => {
  const FILE = 'version: 1\nname: file\n';

  it('is flag, variable, file, default', () => {
    expect(effective('name', 'version: 1\n')).toEqual(['kmk', 'default']);
    expect(effective('name', FILE)).toEqual(['file', 'file']);
    expect(effective('name', FILE, { KMK_NAME: 'env' })).toEqual(['env', 'env']);
    expect(effective('name', FILE, { KMK_NAME: 'env', KMK_PROJECT: 'project' })).toEqual(['project', 'env']);
    expect(effective('name', FILE, { KMK_NAME: 'env' }, { name: 'flag' })).toEqual(['flag', 'flag']);
    expect(effective('name', FILE, { KMK_NAME: '' }, { name: undefined })).toEqual(['file', 'file']);
  });

  it.each([
    ['KMK_RUNTIME', 'local', 'runtime', 'local'],
    ['KMK_KAFKA_VERSION', '3.9.2', 'kafka.version', '3.9.2'],
    ['KMK_REPLICATION_MODE', 'dedicated', 'replication.mode', 'dedicated'],
    ['KMK_REPLICATION_POLICY', 'identity', 'replication.policy', 'identity'],
    ['KMK_ACTIVE', 'dr', 'active', 'dr'],
    ['KMK_UI_ENABLED', 'false', 'ui.enabled', false],
    ['KMK_UI_PORT', '8090', 'ui.port', 8090],
    ['KMK_OBJECTIVES_LOSS_RECORDS', '7', 'objectives.loss.records', 7],
    ['KMK_OBJECTIVES_RECOVERY', '2m', 'objectives.recovery', '2m'],
    ['KMK_WATCH_CHECKS', '9', 'watch.checks', 9],
    ['KMK_CLUSTERS_DR_BROKERS', '3', 'clusters.dr.brokers', 3],
    ['KMK_CLUSTERS_PRIMARY_PORT', 'auto', 'clusters.primary.port', 'auto'],
  ])('%s=%s sets %s', (variable, text, path, value) => {
    expect(effective(path, 'version: 1\n', { [variable]: text })).toEqual([value, 'env']);
  });

  it('reaches the clusters of a file by their aliases', () => {
    const text = 'version: 1\nclusters: { us-east: {}, b: { bootstrap: ["b:1"] } }\n';
    expect(effective('clusters.us-east.port', text, { KMK_CLUSTERS_US_EAST_PORT: '1234' })).toEqual([1234, 'env']);
    expect(effective('clusters.b.clusterId', text, { KMK_CLUSTERS_B_CLUSTER_ID: 'x' })).toEqual(['x', 'env']);
  });

  it('leaves the origin of neighbours alone', () => {
    const env = { KMK_CLUSTERS_DR_PORT: '7000' };
    expect(effective('clusters.dr.brokers', 'version: 1\n', env)).toEqual([1, 'default']);
    expect(effective('clusters.primary.port', 'version: 1\n', env)).toEqual([9092, 'default']);
  });

  it('names the variable or flag that is wrong', () => {
    expect(errorsOf(FILE, { KMK_UI_PORT: 'x' })).toEqual([
      'KMK_UI_PORT: ui.port: got "x", expected a port from 1 to 65535',
    ]);
    expect(refusal(FILE, { KMK_UI_PORT: 'x' }).code).toBe('KMK_CONFIG_INVALID');
    const error = refusal(FILE, {}, { runtime: 'dokker' });
    expect(error).toMatchObject({ code: 'KMK_USAGE', kind: 'usage' });
    expect(error.message).toBe(
      '--runtime: runtime: got "dokker", expected auto | docker | local, did you mean "docker"?',
    );
    expect(errorsOf(FILE, {}, { name: 'A' })[0]).toMatch(/^--project: name: got "A"/);
  });

  it('lets a variable mend what is wrong in the file', () => {
    expect(read('version: 1\nruntime: nonsense\n', { KMK_RUNTIME: 'local' }).setup.runtime).toBe('local');
    expect(errorsOf('version: 1\nui: 5\n', { KMK_UI_PORT: '1' })).toHaveLength(1);
  });

  it('warns about variables that are nearly right, and only those', () => {
    expect(read(FILE, { KMK_RUNTIM: 'local' }).warnings).toEqual(['KMK_RUNTIM: is ignored, did you mean KMK_RUNTIME?']);
    const other = {
      KMK_YES: '1',
      KMK_STATE_DIR: 'x',
      KMK_TIMEOUT: '1s',
      KMK_KAFKA_HOME: 'x',
      KMK_SOMETHING: 'x',
      HOME: 'x',
    };
    expect(read(FILE, other).warnings).toEqual([]);
  });
});
