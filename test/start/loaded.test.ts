import {fileURLToPath} from 'node:url'
import {expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {uniqueName, urlOf, withConnection} from '../support/databases.js'

const probe = fileURLToPath(new URL('../support/report-loaded.cjs', import.meta.url))
const files = ['bin/run.js', 'dist/start.cjs']
const aws = 'dist/aws-ec2.cjs'

/** What a run loads besides its own two files and dist/program.cjs, whose modules are loaded at their first use. */
async function loadedBy(args: string[], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const {stderr} = await cli(args, {env: {...env, NODE_OPTIONS: `--require="${probe}"`}})
  const loaded = JSON.parse(stderr.slice(stderr.lastIndexOf('\nloaded ') + '\nloaded '.length)) as string[]
  expect(loaded).toEqual(expect.arrayContaining(files))
  // oclif reads that.
  return loaded.filter((name) => ![...files, 'package.json'].includes(name)).sort()
}

it.each([
  [['--version'], []],
  [['--help'], []],
  [['setup', '--help'], []],
  [['dorp'], []],
  [['setup', '--nonsense'], []],
  [['target'], []],
  [['server:status'], []],
  [['sg:update'], []],
  [
    ['sg:update', '--group-id', 'sg-1', '--rule-id', 'sgr-1', '--region', 'x', '--ip', '203.0.113.9'],
    ['child_process', 'crypto', aws],
  ],
  [['connect', 'nowhere'], []],
  [['create'], ['crypto']],
  [['sessions'], ['crypto']],
  [['setup'], ['crypto']],
  [['wait'], ['crypto']],
  [['drop'], ['crypto']],
  [
    ['connect', '--', '--version'],
    ['child_process', 'crypto'],
  ],
])('%j loads what it needs and nothing else', async ([command = '', ...args], expected) => {
  const database = ['sessions', 'wait', 'connect'].includes(command) ? 'postgres' : uniqueName('loaded')
  // Another session, for one to be shown.
  await withConnection('postgres', async () => {
    const loaded = await loadedBy([command, ...args], {
      CONNECTION_URL: urlOf(database),
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: '/nonexistent',
    })
    expect(loaded).toEqual(expected)
  })
})
