import {defineConfig, mergeConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** npm run test:crash: the long form of crash.test.ts. */
export default mergeConfig(base, defineConfig({test: {include: ['test/safety/crash.test.ts'], provide: {moments: 200}}}))
