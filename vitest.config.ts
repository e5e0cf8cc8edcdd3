import {defineConfig} from 'vitest/config'
import {BaseSequencer, type TestSpecification} from 'vitest/node'

/** Those that wait for long. One that is begun last is waited for alone. */
const longest = [
  'safety/crash',
  'safety/crash-migrate',
  'safety/stalls',
  'server/lifecycle',
  'safety/recovery',
  'safety/setup-failures',
  'project/consumer',
  'project/workspaces',
  'safety/refusals',
  'safety/marks',
  'commands/starting-server',
  'server/installation',
].map((name) => `/test/${name}.test.ts`)

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({moduleId}: TestSpecification): number => {
      const at = longest.findIndex((name) => moduleId.endsWith(name))
      return at === -1 ? longest.length : at
    }
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [
      ...['dbmate', 'first-minutes', 'psql', 'pgbouncer', 'shells'].map((suite) => `test/${suite}/**`),
      'test/schema-change/pairs.test.ts',
      'test/schema-change/mutations-long.test.ts',
    ],
    globalSetup: ['test/support/run-folder.ts', 'test/support/global-setup.ts'],
    sequence: {sequencer: LongestFirst},
    // Most of a test's time is spent waiting for the programs it spawns.
    maxWorkers: 6,
    // A worker's files share what they import, which else took a quarter of the CPU; each leaves the environment as it was.
    isolate: false,
    // As the program sets it: dumps in this process take half of the time.
    execArgv: ['--wasm-tiering-budget=1300000000'],
    unstubEnvs: true,
    // Those that run together in one file want the machine to themselves.
    maxConcurrency: 2,
    provide: {moments: 6, serverMajor: ''},
    // On a busy machine tests are slow: only tests that hang should time out.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
