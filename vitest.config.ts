import { defineConfig } from 'vitest/config'

/** `unit` is pure and takes seconds; `integration` starts real processes and sockets. */
export default defineConfig({
  test: {
    disableConsoleIntercept: true, // @oclif/test reads stdout itself
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/cli/**'],
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
