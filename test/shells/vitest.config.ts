import {defineConfig} from 'vitest/config'

/** `npm run test:shells`: the tests that need a shell or mandoc; to run one, add the name of its file. */
export default defineConfig({
  test: {
    include: ['test/shells/**/*.test.ts'],
    globalSetup: ['test/support/run-folder.ts'],
    testTimeout: 120_000,
  },
})
