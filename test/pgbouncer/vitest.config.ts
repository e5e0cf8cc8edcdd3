import {defineConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** `npm run test:pgbouncer`: the tests that need pgbouncer and psql. */
export default defineConfig({test: {...base.test, include: ['test/pgbouncer/**/*.test.ts'], exclude: []}})
