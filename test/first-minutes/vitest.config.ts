import {defineConfig} from 'vitest/config'

/** `npm run test:first-minutes`: what a new user does, with each Node and npm; these are fetched from npm. */
export default defineConfig({
  test: {
    include: ['test/first-minutes/**/*.test.ts'],
    globalSetup: ['test/support/run-folder.ts', 'test/first-minutes/toolchains.ts'],
    // Those of one file are one after the other; its files have a clone, or a package, each.
    maxWorkers: 2,
    // An installation on a machine that CI keeps busy with all else.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
})
