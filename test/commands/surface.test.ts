import {readFile} from 'node:fs/promises'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'

interface Manifest {
  commands: Record<
    string,
    {args: Record<string, unknown>; flags: Record<string, {char?: string}>; enableJsonFlag: boolean}
  >
}

const manifest = JSON.parse(await readFile(new URL('../../oclif.manifest.json', import.meta.url), 'utf8')) as Manifest
const ids = Object.keys(manifest.commands).sort()

describe('the command surface', () => {
  it('is what it was: ids, arguments, flags', () => {
    const surface = ids.map((id) => {
      const {args = {}, flags = {}} = manifest.commands[id] ?? {}
      return [
        id,
        ...Object.keys(args).map((name) => `[${name}]`),
        ...Object.keys(flags)
          .sort()
          .map((name) => `--${name}`),
      ].join(' ')
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
    [['sesions'], 'Did you mean: cruddur-db sessions'],
    [['psql'], 'Did you mean: cruddur-db connect'],
    [['db:setup'], 'Did you mean: cruddur-db setup'],
    [['stop'], 'Did you mean: cruddur-db server:stop'],
    [['logs'], 'Did you mean: cruddur-db server:status'],
    [['kill'], 'Did you mean: cruddur-db sessions:kill'],
    [['URL'], 'Did you mean: cruddur-db target --show-password'],
    [['reset'], 'To rebuild the database from its SQL files: cruddur-db setup'],
    [['db:migrate'], 'There are no migrations.'],
    [['dump'], 'There is no backup command.'],
    [['restore'], 'cruddur-db schema:load --file FILE'],
    [['toString'], 'To list all commands: cruddur-db --help'],
    [['sessions', '--wacth'], 'Did you mean: --watch'],
    [['sessions', '--wacth=2s'], 'Did you mean: --watch'],
    [['connect', '-c', 'select 1'], 'Put psql arguments after --: cruddur-db connect -- -c'],
    [['schema:laod'], 'Did you mean: cruddur-db schema:load'],
    [['schema'], 'cruddur-db schema:load'],
    [['schema', 'laod'], 'cruddur-db schema:load'],
    [[''], 'To list all commands: cruddur-db --help'],
    [['zzz'], 'To list all commands: cruddur-db --help'],
    [['help', 'zzz'], 'To list all commands: cruddur-db --help'],
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

  it.each([['dorp'], ['dropp'], ['setpu'], ['undoo'], ['unprotekt'], ['activity:delet'], ['d'], ['se']])(
    'never suggests what destroys because %s is spelled like it',
    async (word) => {
      expect((await cli([word])).stderr).not.toMatch(
        /Did you mean: cruddur-db (drop|setup|undo|unprotect|activity:delete)/,
      )
      for (const flag of ['--froce', '--confrim', '--discrad', '--no-udno'])
        expect((await cli(['setup', flag])).stderr).not.toContain('Did you mean')
    },
  )

  it.each([['-v'], ['-V'], ['version']])('answers %s with the version', async (word) => {
    expect(await cli([word])).toEqual(await cli(['--version']))
    expect(json(await cli([word, '--json'])).command).toBe('version')
  })

  it('answers -h wherever help may be asked for', async () => {
    expect(await cli(['-h'])).toEqual(await cli(['--help']))
    expect(await cli(['sessions', 'kill', 'prod', '-h'])).toEqual(await cli(['sessions:kill', '--help']))
  })

  it.each([
    ['run', {npm_config_force: 'true', npm_config_undo: ''}, [], '--force and --no-undo'],
    ['run-script', {npm_config_cached: 'true'}, ['local'], '--cached'],
    ['run', {npm_config_confirm: 'a@b'}, ['--force'], '--confirm'],
  ])('refuses to go on without the flags that npm %s took for itself', async (npm_command, taken, args, flags) => {
    const npm = {
      npm_command,
      npm_lifecycle_event: 'db:setup',
      npm_lifecycle_script: 'cruddur-db create && cruddur-db setup',
      ...taken,
    }
    const env = {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d', ...npm}
    const result = await cli(['setup', ...args], {env})
    expect(result).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringContaining(`npm took ${flags} for itself. Nothing was changed.`) as string,
    })
    expect(result.stderr).toContain('npm run db:setup -- --')
    for (const other of [{npm_lifecycle_script: 'cruddur-db setup && next dev'}, {npm_command: 'install'}])
      expect((await cli(['setup', ...args], {env: {...env, ...other}})).exitCode).toBe(4)
  })

  it('takes no target from what is piped in', async () => {
    const {stderr} = await cli(['create'], {env: {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}, input: 'prod\n'})
    expect(stderr).toContain('local: u@127.0.0.1:1/d')
  })

  it('colors nothing in a pipe, and nothing with NO_COLOR even when told to', async () => {
    const env = {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'}
    const escape = String.fromCharCode(27)
    expect((await cli(['create'], {env})).stderr).not.toContain(escape)
    expect((await cli(['create'], {env: {...env, FORCE_COLOR: '1'}})).stderr).toContain(escape)
    expect((await cli(['create'], {env: {...env, FORCE_COLOR: '1', NO_COLOR: '1'}})).stderr).not.toContain(escape)
  })
})
