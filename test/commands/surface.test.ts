import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'

interface Manifest {
  commands: Record<string, {args: Record<string, unknown>; flags: Record<string, {char?: string}>; enableJsonFlag: boolean}>
}

const manifest = JSON.parse(await readFile(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as Manifest
const ids = Object.keys(manifest.commands).sort()

describe('the command surface', () => {
  it('is what it was: ids, arguments, flags', () => {
    const surface = ids.map((id) => {
      const {args = {}, flags = {}} = manifest.commands[id] ?? {}
      return [id, ...Object.keys(args).map((name) => `[${name}]`), ...Object.keys(flags).sort().map((name) => `--${name}`)].join(' ')
    })
    expect(surface).toMatchSnapshot()
  })

  it.each(ids)('%s has help with examples, and --json unless it is connect', async (id) => {
    const help = await cli([id, '--help'])
    expect(help).toMatchObject({exitCode: 0, stderr: ''})
    expect(help.stdout).toMatch(new RegExp(`EXAMPLES\\n +\\$ cruddur-db ${id}`))
    expect(help.stdout.includes('--json')).toBe(id !== 'connect')
  })

  it('is listed by help, and by no arguments at all', async () => {
    for (const args of [[], ['--help'], ['help']]) {
      const result = await cli(args)
      expect(result).toMatchObject({exitCode: 0, stderr: ''})
      for (const id of ids) expect(result.stdout).toContain(id)
    }

    expect((await cli(['help', 'schema', 'load'])).stdout).toBe((await cli(['schema:load', '--help'])).stdout)
  })

  it.each([
    [['dorp'], 'Did you mean: cruddur-db drop'],
    [['sesions'], 'Did you mean: cruddur-db sessions'],
    [['schema:laod'], 'Did you mean: cruddur-db schema:load'],
    [['schema'], 'cruddur-db schema:load'],
    [['schema', 'laod'], 'cruddur-db schema:load'],
    [[''], 'See all commands: cruddur-db --help'],
    [['zzz'], 'See all commands: cruddur-db --help'],
    [['help', 'zzz'], 'See all commands: cruddur-db --help'],
    [['create', '--nonsense'], 'cruddur-db create --help'],
    [['create', 'local', 'more'], 'cruddur-db create --help'],
    [['server:start', '--port', '0'], 'cruddur-db server:start --help'],
    [['create', 'postgres://u:secret@h/d'], 'A target is a name, not a URL.'],
    [['create', 'local', 'postgres://u:secret@h/d'], 'cruddur-db create --help'],
  ])('answers %j with exit 2 and a way out, running nothing', async (args, wayOut) => {
    const human = await cli(args)
    expect(human).toMatchObject({exitCode: 2, stdout: ''})
    expect(human.stderr).toContain(wayOut)
    expect(human.stderr).not.toMatch(/secret|\bat .*\.js:\d+/)
    const machine = await cli([...args, '--json'])
    expect(machine.exitCode).toBe(2)
    expect(json(machine).error).toMatchObject({exit_code: 2})
    expect(machine.stdout).not.toContain('secret')
  })

  it('takes no target from what is piped in', async () => {
    const {stderr} = await cli(['create'], {env: {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}, input: 'prod\n'})
    expect(stderr).toContain('local: u@127.0.0.1:1/d')
  })

  it('colours nothing in a pipe, and nothing with NO_COLOR even when told to', async () => {
    const env = {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}
    const escape = String.fromCharCode(27)
    expect((await cli(['create'], {env})).stderr).not.toContain(escape)
    expect((await cli(['create'], {env: {...env, FORCE_COLOR: '1'}})).stderr).toContain(escape)
    expect((await cli(['create'], {env: {...env, FORCE_COLOR: '1', NO_COLOR: '1'}})).stderr).not.toContain(escape)
  })
})
