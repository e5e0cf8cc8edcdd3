import {defineConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** `npm run test:pairs`: all pairs of schemas, both ways, on several versions of Postgres; and all mutants of a large change. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/schema-change/pairs.test.ts', 'test/schema-change/mutations-long.test.ts'],
    exclude: [],
    globalSetup: [...(base.test?.globalSetup ?? []), 'test/schema-change/support/pair-servers.ts'],
  },
})
