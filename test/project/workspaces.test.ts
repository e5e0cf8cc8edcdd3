import {execa} from 'execa'
import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {parse} from 'yaml'
import {bareEnvironment, cli, json} from '../support/cli.js'
import {withServerHome} from '../support/server-home.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')

interface Task {
  name: string
  env?: Record<string, string>
  before?: string
  init?: string
  command?: string
}

const onlySaid = '--dry-run --offline --ignore-scripts'

/** The command lines of a task, in the order in which a workspace runs them. */
const linesOf = ({before, init, command}: Task): string[] =>
  [before, init, command].flatMap((text) => text?.trim().split('\n') ?? [])

/**
 * Runs one line as a workspace's shell does. `npm ci` only says what it would install, and does not build again under
 * the feet of other tests: they have no network, and CI runs it for real.
 */
async function run(line: string, env: NodeJS.ProcessEnv): Promise<{exitCode?: number; stdout: string; stderr: string}> {
  const shell = {...bareEnvironment, HOME: env['CRUDDUR_DB_HOME']}
  return execa(line.replace(/^npm ci\b/, `npm ci ${onlySaid}`), {
    shell: true,
    cwd: root,
    env: {...shell, ...env},
    extendEnv: false,
    reject: false,
    input: '',
  })
}

describe.each([
  ['.gitpod.yml', async () => (parse(await read('.gitpod.yml')) as {tasks: Task[]}).tasks],
  [
    'devcontainer.json',
    async () => {
      const {postCreateCommand, postStartCommand} = JSON.parse(await read('.devcontainer/devcontainer.json')) as {
        postCreateCommand: string
        postStartCommand: Record<string, string>
      }
      return [
        {name: 'create', init: postCreateCommand, command: postStartCommand['database']},
        {name: 'security group', command: postStartCommand['security group']},
      ]
    },
  ],
])('%s', (_, tasks) => {
  it('installs, sets up the local database and updates the security group, by its own command lines', async () => {
    const [database, group] = await tasks()
    await withServerHome(async (env) => {
      const lines = database === undefined ? [] : linesOf(database)
      expect(lines[0]).toMatch(/^npm ci\b/)
      for (const line of lines) expect(await run(line, env), line).toMatchObject({exitCode: 0})
      expect(json(await cli(['server:status', '--json'], {env})).result).toMatchObject({state: 'running'})
      const {stdout: url} = await cli(['server:start', '--url'], {env})
      const {password} = new URL(url)
      // The last line of each task is run at every start, and its output is kept.
      for (const line of [database, group].map((task) => linesOf(task as Task).at(-1) ?? '')) {
        const {exitCode, stdout, stderr} = await run(line, {...env, npm_config_loglevel: 'silent', DB_SG_ID: ''})
        expect([exitCode, stderr], line).toEqual([0, ''])
        expect(stdout).not.toContain(password)
        if (line.includes('sg:update')) expect(stdout).toBe('')
      }

      const half = await run(linesOf(group as Task).at(-1) ?? '', {...env, DB_SG_ID: 'sg-0123456789abcdef0'})
      expect(half).toMatchObject({exitCode: 3, stderr: expect.stringContaining('DB_SG_RULE_ID') as string})
    })
  })
})

describe('the npm scripts', () => {
  it('are there for every command, and pass a target on', async () => {
    const {scripts} = JSON.parse(await read('package.json')) as {scripts: Record<string, string>}
    const {commands} = JSON.parse(await read('oclif.manifest.json')) as {commands: Record<string, unknown>}
    for (const id of Object.keys(commands)) expect(scripts[`db:${id}`]).toBe(`node bin/run.js ${id}`)
    const result = await run('npm run db:seed -- prod', {})
    expect(result.exitCode).toBe(3)
    expect(result.stderr).toContain('PROD_CONNECTION_URL is not set')
  })
})
