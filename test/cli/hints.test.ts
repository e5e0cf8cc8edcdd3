import {mkdir, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {beforeAll, describe, expect, it, vi} from 'vitest'
import {hint} from '../../src/lib/cli/hints.js'
import {cli, json, program} from '../support/cli.js'
import {temporaryFolder} from '../support/temporary-folder.js'

const folder = temporaryFolder()
beforeAll(async () => {
  await mkdir(join(folder, 'project', 'node_modules', '.bin'), {recursive: true})
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'project', 'package.json'), '{}')
  for (const place of ['bin', 'project/node_modules/.bin']) await symlink(program, join(folder, place, 'cruddur-db'))
})

const agent = (name: string): NodeJS.ProcessEnv => ({npm_config_user_agent: `${name}/10.8.2 node/v20.19.0 linux x64`})

describe('advice', () => {
  it.each([
    ['npm', 'project/node_modules/.bin', agent('npm'), 'npx cruddur-db'],
    ['npm, called without it', 'project/node_modules/.bin', {}, 'npx cruddur-db'],
    ['pnpm', 'project/node_modules/.bin', agent('pnpm'), 'pnpm cruddur-db'],
    ['yarn', 'project/node_modules/.bin', agent('yarn'), 'yarn cruddur-db'],
    ['bun', 'project/node_modules/.bin', agent('bun'), 'bunx cruddur-db'],
    ['a global installation', 'bin', {}, 'cruddur-db'],
    ['a global installation, in an npm script', 'bin', agent('npm'), 'cruddur-db'],
    ['an unknown package manager', 'project/node_modules/.bin', agent('other'), 'cruddur-db'],
  ])('names the program as it was started: by %s', async (_name, place, env, expected) => {
    const entry = join(folder, place, 'cruddur-db')
    const options = {entry, env, cwd: folder}
    expect((await cli(['xyzzy'], options)).stderr).toContain(`: ${expected} --help`)
  })

  it.each([
    ['project/node_modules/.bin', 'npx cruddur-db'],
    ['bin', 'cruddur-db'],
  ])('names it so in a document and on stdout too: from %s', async (place, expected) => {
    const options = {entry: join(folder, place, 'cruddur-db'), env: agent('npm'), cwd: folder}
    expect(json(await cli(['create', 'prod', '--json', '--nonsense'], options)).error?.next).toEqual([
      `${expected} create --help`,
    ])
    expect((await cli(['init'], {...options, cwd: join(folder, 'project')})).stdout).toContain(`: ${expected} setup`)
  })

  it('names the program that an npm script has started by its path', async () => {
    expect((await cli(['xyzzy'], {env: agent('npm')})).stderr).toContain(': npx cruddur-db --help')
    expect((await cli(['xyzzy'])).stderr).toContain(': cruddur-db --help')
  })

  it('has the target after the command, if it is not the default', () => {
    vi.stubEnv('npm_config_user_agent', undefined)
    expect(hint('create', 'prod')).toBe('cruddur-db create prod')
    expect(hint('undo --discard', 'eu-prod')).toBe('cruddur-db undo eu-prod --discard')
    expect(hint('connect -- -f FILE', 'prod')).toBe('cruddur-db connect prod -- -f FILE')
    expect(hint('create', 'local')).toBe('cruddur-db create')
    expect(hint('sg:update')).toBe('cruddur-db sg:update')
    expect(hint('--help')).toBe('cruddur-db --help')
    vi.stubEnv('npm_config_user_agent', 'pnpm/10.8.2 node/v20.19.0 linux x64')
    expect(hint('create', 'prod')).toBe('pnpm cruddur-db create prod')
  })
})
