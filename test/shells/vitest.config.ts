import {defineConfig} from 'vitest/config'

/** `npm run test:shells`: what needs a shell or mandoc; a file's name narrows it to one. */
export default defineConfig({
  test: {
    include: ['test/shells/**/*.test.ts'],
    globalSetup: ['test/support/run-folder.ts'],
    testTimeout: 120_000,
  },
})
