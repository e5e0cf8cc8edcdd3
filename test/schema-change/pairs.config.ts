import {defineConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** `npm run test:pairs`: all pairs of schemas, both ways, on several versions of Postgres. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/schema-change/pairs.test.ts'],
    exclude: [],
    globalSetup: [...(base.test?.globalSetup ?? []), 'test/schema-change/support/pair-servers.ts'],
  },
})
