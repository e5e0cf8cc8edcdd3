import {defineConfig} from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/first-minutes/**', 'test/psql/**', 'test/pgbouncer/**', 'test/shells/**'],
    globalSetup: ['test/support/run-folder.ts', 'test/support/global-setup.ts'],
    // Most of a test's time is spent waiting for the programs it spawns.
    maxWorkers: 6,
    // A worker's files share what they import, which else took a quarter of the CPU; each leaves the environment as it was.
    isolate: false,
    unstubEnvs: true,
    // Those that run together in one file want the machine to themselves.
    maxConcurrency: 2,
    provide: {moments: 6, serverMajor: ''},
    // A busy machine is slow: only what hangs is to fail by time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
