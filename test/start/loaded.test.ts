import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {uniqueName, urlOf, withConnection} from '../support/databases.js'

const probe = fileURLToPath(new URL('../support/report-loaded.cjs', import.meta.url))
const entry = 'bin/run.js'
const start = 'dist/start.cjs'
const program = 'dist/program.cjs'
const pg = 'dist/vendor/pg.cjs'
const table = 'dist/vendor/table.cjs'
const aws = 'dist/vendor/aws.cjs'
const execa = 'dist/vendor/execa.cjs'

/** The files that a run loads, without the line by which oclif finds a command. */
async function loadedBy(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const {stderr} = await cli(args, {env: {...env, NODE_OPTIONS: `--require="${probe}"`}})
  const files = JSON.parse(stderr.slice(stderr.lastIndexOf('\nloaded ') + '\nloaded '.length)) as string[]
  return files.filter((path) => !path.startsWith('dist/commands/')).sort()
}

it.each([
  [['--version'], [start]],
  [['--help'], [start]],
  [['setup', '--help'], [start]],
  [['dorp'], [start]],
  [['setup', '--nonsense'], [start]],
  [['target'], [start, program, table]],
  [['server:status'], [start, program]],
  [['sg:update'], [start, program]],
  [
    ['sg:update', '--group-id', 'sg-1', '--rule-id', 'sgr-1', '--region', 'x', '--ip', '203.0.113.9'],
    [start, program, aws],
  ],
  [
    ['connect', 'nowhere'],
    [start, program],
  ],
  [['create'], [start, program, pg]],
  [['sessions'], [start, program, pg]],
  [['setup'], [start, program, pg]],
  [['wait'], [start, program, pg]],
  [['drop'], [start, program, pg]],
  [
    ['connect', '--', '--version'],
    [start, program, pg, execa],
  ],
])('%j loads what it needs and nothing else', async ([command = '', ...args], expected) => {
  const database = ['sessions', 'wait', 'connect'].includes(command) ? 'postgres' : uniqueName('loaded')
  // Another session, for one to be shown.
  await withConnection('postgres', async () => {
    const files = await loadedBy([command, ...args], {
      CONNECTION_URL: urlOf(database),
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: '/nonexistent',
    })
    expect(files).toEqual([entry, ...expected].sort())
  })
})
