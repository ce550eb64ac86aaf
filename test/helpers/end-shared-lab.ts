import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCli } from './run-cli.ts';

/**
 * Setup file of the e2e tests: they run after the integration tests, whose lab would idle beside theirs until the very
 * end (three JVMs, 40 % of a core). Its teardown finds nothing left to do.
 */
const config = process.env['KMK_TEST_CONFIG'];
const lab = join(process.env['KMK_TEST_STATE_DIR'] ?? '', 'lab');
if (config !== undefined && (await stat(lab).catch(() => null)) !== null) {
  const { exitCode, stderr } = await runCli(['-c', config, 'destroy', '--yes'], {
    env: process.env as Record<string, string>,
    cwd: dirname(config),
  });
  if (exitCode !== 0) throw new Error(`the shared lab was not ended: ${stderr}`);
}
