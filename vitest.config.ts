import { defineConfig } from 'vitest/config'

const report = process.env['LLMR_TEST_REPORT']

/** `unit` is pure and takes seconds; `integration` starts real processes and sockets. */
export default defineConfig({
  test: {
    // Lets .ci/run count what `npm test` did without another command line.
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report !== undefined && { outputFile: { json: report } }),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/cli/**'],
          // A bound for what hangs; on a busy machine a property of a hundred runs may well take seconds.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/cli/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
