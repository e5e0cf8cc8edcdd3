import {defineConfig} from 'vitest/config'
import base from '../../vitest.config.js'

/** npm run test:servers: the tests for every version of Postgres, on the version in TEST_SERVER. */
export default defineConfig({
  test: {
    ...base.test,
    include: [
      ...['commands/schema-dump', 'commands/dump', 'commands/restore', 'dumps/identity', 'migrations/plan-filled'].map(
        (name) => `test/${name}.test.ts`,
      ),
      ...[
        'carried-over',
        'crash',
        'lost-commit',
        'lost-session',
        'marks',
        'recovery',
        'refusals',
        'setup-failures',
      ].map((name) => `test/safety/${name}.test.ts`),
    ],
    globalSetup: ['test/support/run-folder.ts', 'test/support/other-server.ts'],
    provide: {...base.test?.provide, serverMajor: process.env['TEST_SERVER'] ?? ''},
  },
})
