import {defineConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** `npm run test:dbmate`: the tests that need dbmate. */
export default defineConfig({test: {...base.test, include: ['test/dbmate/**/*.test.ts'], exclude: []}})
