import {defineConfig} from 'vitest/config'

/** `npm run test:first-minutes`: the first steps of a new user, with each version of Node and npm, which are installed from npm. */
export default defineConfig({
  test: {
    include: ['test/first-minutes/**/*.test.ts'],
    globalSetup: ['test/support/temporary-folder.ts', 'test/first-minutes/toolchains.ts'],
    // Files run in parallel, since each has its own clone or package.
    maxWorkers: 2,
    // An installation takes long on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
