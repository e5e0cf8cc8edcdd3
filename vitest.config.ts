import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/first-minutes/**', 'test/psql/**', 'test/pgbouncer/**', 'test/shells/**'],
    globalSetup: ['test/support/temporary-folder.ts', 'test/support/global-setup.ts'],
    // Most of the time of a test is spent waiting for the programs that it starts.
    maxWorkers: 6,
    // Tests that run concurrently in one file need much of the machine.
    maxConcurrency: 2,
    provide: {moments: 6, serverMajor: ''},
    // On a busy machine tests are slow: only tests that hang should time out.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
