import {defineConfig} from 'vitest/config'

/** `npm run test:first-minutes`: the first steps of a new user, with each version of Node and npm, which are installed from npm. */
export default defineConfig({
  test: {
    include: ['test/first-minutes/**/*.test.ts'],
    globalSetup: ['test/support/run-folder.ts', 'test/first-minutes/toolchains.ts'],
    // Those of one file are one after the other; its files have a clone, or a package, each.
    maxWorkers: 2,
    // An installation takes long on a busy machine.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
