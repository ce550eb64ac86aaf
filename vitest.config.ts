import { defineConfig } from 'vitest/config';

/**
 * Unit, contract and golden tests need nothing. Integration tests share one lab of two clusters; e2e tests run the
 * built CLI with labs of their own. Groups run one after the other: clusters must not compete for two cores.
 */
export default defineConfig({
  test: {
    restoreMocks: true,
    unstubEnvs: true,
    reporters: ['default', './test/helpers/closing-line.reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{unit,contract,golden}/**/*.test.ts'],
          // Properties over thousands of cases; twice the 5 s of vitest were seen on a loaded machine.
          testTimeout: 30_000,
          sequence: { shuffle: true, groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/helpers/shared-lab.setup.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      // Needs an engine and the test image: `npm run test:docker`, never part of `npm test`.
      ...(process.env['KMK_TEST_DOCKER'] === '1'
        ? [
            {
              extends: true as const,
              test: {
                name: 'docker',
                include: ['test/docker/**/*.test.ts'],
                fileParallelism: false,
                testTimeout: 240_000,
                hookTimeout: 120_000,
              },
            },
          ]
        : []),
      // Every position and 100 loops take hours: `npm run test:matrix`, never part of `npm test`.
      ...(process.env['KMK_TEST_MATRIX'] === '1'
        ? [
            {
              extends: true as const,
              test: {
                name: 'matrix',
                include: ['test/matrix/**/*.test.ts', 'test/e2e/loops.test.ts', 'test/e2e/lifecycle/crash.test.ts'],
                fileParallelism: false,
                testTimeout: 600_000,
                hookTimeout: 600_000,
              },
            },
          ]
        : []),
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles: ['test/helpers/end-shared-lab.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
