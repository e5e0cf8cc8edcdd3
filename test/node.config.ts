import {defineConfig} from 'vitest/config'
import base from '../vitest.config.js'

/** npm run test:node: what another version of Node may do differently, which CI runs on those that are not the newest. */
export default defineConfig({
  test: {
    ...base.test,
    // Each worker costs a second of CPU before its first test, and these are few.
    maxWorkers: 3,
    include: [
      // How the program is loaded and what is compiled is kept; who imports the library.
      'test/start/start.test.ts',
      'test/app/library-entry.test.ts',
      'test/project/require.test.ts',
      // Pipes, terminals and signals.
      'test/contract/streams.test.ts',
      'test/commands/shell-terminal.test.ts',
      'test/commands/interruption.test.ts',
      // Sockets, TLS and HTTP.
      'test/postgres/connect/**/*.test.ts',
      'test/aws/public-ip.test.ts',
    ],
  },
})
