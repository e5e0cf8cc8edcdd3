import {fileURLToPath} from 'node:url'
import {describe, expect, it} from 'vitest'
import {type ListedCommand, readManifest} from '../../src/lib/cli/manifest.js'
import {flagMeant, insteadOf} from '../../src/lib/cli/suggestions.js'
import {renderHelp} from '../../src/lib/start/help.js'
import {cli, json} from '../support/cli.js'

const manifest = readManifest(fileURLToPath(new URL('../../', import.meta.url)))
const ids = [...manifest.commands.keys()].sort()
const bold = (text: string): string => text

describe('the command surface', () => {
  it('is what it was: ids, arguments, flags', () => {
    const surface = ids.map((id) => {
      const {args = {}, flags = {}} = manifest.commands.get(id) ?? {}
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

  it.each(ids)('%s has help with examples, and --json unless it is connect', (id) => {
    const help = renderHelp(manifest, id, {width: 80, bold})
    expect(help).toMatch(new RegExp(`EXAMPLES\\n +\\$ cruddur-db ${id}`))
    expect(help.includes('--json')).toBe(id !== 'connect')
  })

  it.each(['connect', 'server:start'])('%s shows its help', async (id) => {
    const stdout = renderHelp(manifest, id, {width: 80, bold}).trimEnd()
    expect(await cli([id, '--help'])).toEqual({exitCode: 0, stdout, stderr: ''})
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
    [['backup'], 'Did you mean: cruddur-db dump'],
    [['import'], 'cruddur-db restore --file FILE'],
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
  })

  it.each([
    [['sesions']],
    [['sessions', '--wacth']],
    [['schema']],
    [['']],
    [['help', 'zzz']],
    [['create', 'postgres://u:secret@h/d']],
    [['create', 'local', 'postgres://u:secret@h/d']],
  ])('answers %j --json with a document, and exit 2', async (args) => {
    const machine = await cli([...args, '--json'])
    expect(machine.exitCode).toBe(2)
    expect(json(machine).error).toMatchObject({exit_code: 2})
    expect(machine.stdout).not.toContain('secret')
  })

  it('never suggests what destroys because something is spelled like it', async () => {
    for (const word of ['dorp', 'dropp', 'setpu', 'undoo', 'unprotekt', 'restroe', 'activity:delet', 'd', 'se'])
      expect(insteadOf(word, ids)).not.toMatch(
        /Did you mean: cruddur-db (drop|restore|setup|undo|unprotect|activity:delete)/,
      )
    for (const flag of ['--froce', '--confrim', '--discrad', '--no-udno'])
      expect(flagMeant([flag], manifest.commands.get('setup') as ListedCommand)).toBeUndefined()
    for (const args of [['dropp'], ['setup', '--froce']])
      expect((await cli(args)).stderr).not.toContain('Did you mean: ')
  })

  it('answers -v, -V and version with the version', async () => {
    const version = await cli(['--version'])
    for (const word of ['-v', '-V', 'version']) {
      expect(await cli([word])).toEqual(version)
      expect(json(await cli([word, '--json'])).command).toBe('version')
    }
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
  })

  it('goes on where npm has run something else', async () => {
    const npm = {npm_command: 'run', npm_lifecycle_event: 'db:setup', npm_config_force: 'true'}
    const env = {CONNECTION_URL: 'postgres://u@127.0.0.1:1/d', npm_lifecycle_script: 'cruddur-db setup', ...npm}
    for (const other of [{npm_lifecycle_script: 'cruddur-db setup && next dev'}, {npm_command: 'install'}])
      expect((await cli(['setup'], {env: {...env, ...other}})).exitCode).toBe(4)
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
