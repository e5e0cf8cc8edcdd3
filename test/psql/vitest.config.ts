import {defineConfig} from 'vitest/config'

/** `npm run test:psql`: the tests that need psql and pg_dump; `RECORD=1` writes the catalogs that `npm test` compares. */
export default defineConfig({
  test: {
    include: ['test/psql/**/*.test.ts'],
    globalSetup: ['test/support/run-folder.ts', 'test/support/global-setup.ts'],
    isolate: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
  },
})
