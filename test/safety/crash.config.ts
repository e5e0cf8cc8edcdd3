import {defineConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** npm run test:crash: the long form of the crash tests. */
export default defineConfig({
  test: {...base.test, include: ['test/safety/crash*.test.ts'], provide: {...base.test?.provide, moments: 200}},
})
