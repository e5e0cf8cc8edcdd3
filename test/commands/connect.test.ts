import {execa} from 'execa'
import {mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {delimiter, dirname, join} from 'node:path'
import {setTimeout as delay} from 'node:timers/promises'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult, program, start} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {fakePostgres, refusal, welcome} from '../support/fake-postgres.js'
import {type Call, writePsqlStub} from '../support/psql-stub.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {withTerminal} from '../support/terminal.js'

const folder = temporaryFolder()
let env: NodeJS.ProcessEnv
const database = `${uniqueName('my')} db`

beforeAll(async () => {
  await writePsqlStub(folder)
  env = {PATH: [folder, dirname(process.execPath)].join(delimiter), HOME: join(folder, 'home')}
  await query('postgres', `create database "${database}"`)
})
afterAll(async () => {
  await query('postgres', `drop database "${database}"`)
})

/** Runs connect, and reads how psql was called; undefined where it was not. */
async function connect(args: string[], more: NodeJS.ProcessEnv): Promise<CliResult & {call?: Call}> {
  await rm(join(folder, 'call.json'), {force: true})
  const result = await cli(['connect', ...args], {env: {...env, ...more}})
  const text = await readFile(join(folder, 'call.json'), 'utf8').catch(() => undefined)
  return {...result, call: text === undefined ? undefined : (JSON.parse(text) as Call)}
}

/** The arguments without those that set the prompt. */
const argsOf = (call?: Call): string[] => (call?.args ?? []).filter((arg) => !arg.startsWith('--set=PROMPT'))
const promptOf = (call?: Call): string | undefined =>
  call?.args.find((arg) => arg.startsWith('--set=PROMPT1='))?.slice(14)

describe('connect', () => {
  it('gives psql the target in PG* variables, and everything after -- as it is', async () => {
    const url = new URL(`${urlOf(database)}?sslmode=prefer&connect_timeout=7`)
    const result = await connect(['prod', '--', '-c', "select 'a b'", '--json', '--', '7'], {
      LANG: 'C.UTF-8',
      PROD_CONNECTION_URL: url.href,
      CONNECTION_URL: 'postgres://other:secret@h/d',
      PGHOSTADDR: '10.0.0.1',
      PGSERVICEFILE: '/elsewhere',
      AWS_SECRET_ACCESS_KEY: 'aws-secret',
    })
    expect(result).toMatchObject({exitCode: 7, stdout: ''})
    expect(result.stderr.split('\n')[0]).toBe(`prod: postgres@${url.host}/${database} (PROD_CONNECTION_URL)`)
    expect(argsOf(result.call)).toEqual(['-c', "select 'a b'", '--json', '--', '7'])
    expect(result.call?.env).toMatchObject({
      PGHOST: url.hostname,
      PGPORT: url.port,
      PGUSER: 'postgres',
      PGPASSWORD: decodeURIComponent(url.password),
      PGDATABASE: database,
      PGSSLMODE: 'prefer',
      PGCONNECT_TIMEOUT: '7',
      HOME: join(folder, 'home'),
      LANG: 'C.UTF-8',
      PGAPPNAME: 'cruddur-db connect',
    })
    for (const name of [
      'PGHOSTADDR',
      'PGSERVICEFILE',
      'AWS_SECRET_ACCESS_KEY',
      'CONNECTION_URL',
      'PROD_CONNECTION_URL',
    ]) {
      expect(result.call?.env).not.toHaveProperty(name)
    }
  })

  it('takes local without a name, with arguments for psql, and holds nothing back there', async () => {
    for (const flags of [[], ['--write']]) {
      const result = await connect([...flags, '--', '3'], {CONNECTION_URL: urlOf(database)})
      expect(result).toMatchObject({exitCode: 3, stderr: expect.not.stringMatching(/read-only/i) as string})
      expect(result.call?.env).not.toHaveProperty('PGOPTIONS')
      expect(result.call?.env).not.toHaveProperty('PSQLRC')
      expect(promptOf(result.call)).toBe('local/%/%R%x%# ')
    }
  })

  it('leaves Ctrl-C to psql', async () => {
    const detached = {
      env: {...env, CONNECTION_URL: urlOf(database)},
      extendEnv: false,
      reject: false,
      detached: true,
    } as const
    const running = execa(process.execPath, [program, 'connect', '--', 'wait'], detached)
    await new Promise((resolve) => running.stdout.once('data', resolve))
    // A terminal's Ctrl-C goes to the whole foreground process group.
    process.kill(-(running.pid ?? NaN), 'SIGINT')
    expect(await running).toMatchObject({exitCode: 42, stdout: 'waiting'})
  })

  it.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('ends psql on %s, and leaves no file behind', async (signal) => {
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    // Protected: then psql gets a psqlrc of ours.
    const all = {...env, TMPDIR: temporary, PROD_CONNECTION_URL: urlOf(database)}
    const running = start(['connect', 'prod', '--', 'wait'], {env: all})
    await new Promise((resolve) => running.stdout.once('data', resolve))
    expect(await readdir(temporary)).toHaveLength(1)
    running.kill(signal)
    // Its output ends when psql has closed it, too.
    expect(await running).toMatchObject({exitCode: 130, stdout: 'waiting'})
    expect(await readdir(temporary)).toEqual([])
  })

  it('hands on the parameters that psql has variables for, and no others', async () => {
    const url = `${urlOf(database)}?keepalives=1&tcp_user_timeout=1000&sslsni=0&require_auth=scram-sha-256&gsslib=gssapi`
    const {call} = await connect([], {CONNECTION_URL: url})
    expect(call?.env).toMatchObject({PGSSLSNI: '0', PGREQUIREAUTH: 'scram-sha-256', PGGSSLIB: 'gssapi'})
    expect(Object.keys(call?.env ?? {}).filter((name) => /keepalives|tcp_user/.test(name))).toEqual([])
  })

  it('leaves no file behind where psql does not end and a second signal comes', async () => {
    const temporary = await mkdtemp(join(folder, 'tmp-'))
    const variables = {TMPDIR: temporary, PROD_CONNECTION_URL: urlOf(database)}
    const running = start(['connect', 'prod', '--', 'wait', 'deaf'], {env: {...env, ...variables}})
    await new Promise((resolve) => running.stdout.once('data', resolve))
    const {pid} = JSON.parse(await readFile(join(folder, 'call.json'), 'utf8')) as Call
    running.kill('SIGTERM')
    await delay(200)
    running.kill('SIGTERM')
    expect(await new Promise((resolve) => running.once('exit', resolve))).toBe(130)
    expect(await readdir(temporary)).toEqual([])
    process.kill(pid, 'SIGKILL')
    await running
  })

  it('leaves the name of the application to the URL and to PGAPPNAME', async () => {
    const named = await connect([], {CONNECTION_URL: `${urlOf(database)}?application_name=mine`, PGAPPNAME: 'theirs'})
    expect(named.call?.env['PGAPPNAME']).toBe('mine')
    const unnamed = await connect([], {CONNECTION_URL: urlOf(database), PGAPPNAME: 'theirs'})
    expect(unnamed.call?.env['PGAPPNAME']).toBe('theirs')
  })

  it('that finds no server says so, and does not start psql', async () => {
    const result = await connect(['prod'], {PROD_CONNECTION_URL: 'postgres://u@127.0.0.1:1/d'})
    expect(result).toMatchObject({
      exitCode: 4,
      call: undefined,
      stderr: expect.stringContaining('No server accepts connections') as string,
    })
  })
})

describe('connect to a protected target', () => {
  const limits = '-c statement_timeout=30s -c idle_in_transaction_session_timeout=5min -c idle_session_timeout=30min'

  it('is read-only and bounded in time, and says so in one line', async () => {
    const result = await connect(['prod'], {PROD_CONNECTION_URL: urlOf(database)})
    expect(result.exitCode).toBe(0)
    expect(result.stderr.split('\n').slice(1)).toEqual([
      'Read-only. Statements are canceled after 30 s, idle transactions after 5 min. To write: --write',
    ])
    expect(result.call?.env['PGOPTIONS']).toBe(`${limits} -c default_transaction_read_only=on`)
    expect(promptOf(result.call)).toBe('prod/%/ (read-only)%R%x%# ')
  })

  it("keeps the user's own options, which win over the limits but not over read-only", async () => {
    const own = '-c work_mem=64MB -c default_transaction_read_only=off -c statement_timeout=1h'
    for (const given of [
      {PROD_CONNECTION_URL: `${urlOf(database)}?options=${encodeURIComponent(own)}`},
      {PROD_CONNECTION_URL: urlOf(database), PGOPTIONS: own},
    ]) {
      const {call} = await connect(['prod'], given)
      expect(call?.env['PGOPTIONS']).toBe(`${limits} ${own} -c default_transaction_read_only=on`)
    }
  })

  it('is so by the mark of the database too', async () => {
    const CONNECTION_URL = urlOf(database)
    expect(await cli(['protect'], {env: {CONNECTION_URL}})).toMatchObject({exitCode: 0})
    const marked = await connect([], {CONNECTION_URL})
    expect(marked.call?.env['PGOPTIONS']).toContain('default_transaction_read_only=on')
    expect(await connect(['--write'], {CONNECTION_URL})).toMatchObject({exitCode: 7, call: undefined})
    await cli(['unprotect', '--confirm', `${database}@127.0.0.1`], {env: {CONNECTION_URL}})
    expect((await connect([], {CONNECTION_URL})).call?.env).not.toHaveProperty('PGOPTIONS')
  })

  it('writes once it is confirmed, and else touches nothing', async () => {
    const PROD_CONNECTION_URL = urlOf(database)
    const refused = await connect(['prod', '--write'], {PROD_CONNECTION_URL})
    expect(refused).toMatchObject({exitCode: 7, call: undefined})
    expect(refused.stderr).toContain(`--confirm '${database}@127.0.0.1'`)
    expect(await connect(['prod', '--write', '--confirm', 'yes'], {PROD_CONNECTION_URL})).toMatchObject({
      exitCode: 7,
      call: undefined,
    })
    const confirmed = await connect(['prod', '--write', '--confirm', `${database}@127.0.0.1`], {PROD_CONNECTION_URL})
    expect(confirmed.exitCode).toBe(0)
    expect(confirmed.call?.env).not.toHaveProperty('PGOPTIONS')
    expect(promptOf(confirmed.call)).toBe('prod/%/ (write)%R%x%# ')
  })

  it('refuses what drops the settings, as poolers do, instead of promising', async () => {
    for (const answer of [
      refusal('08P01', 'unsupported startup parameter: options'),
      refusal('0A000', 'no command-line options'),
    ]) {
      const pooler = await fakePostgres(answer)
      const result = await connect(['prod'], {PROD_CONNECTION_URL: `postgres://u@127.0.0.1:${pooler.port}/d`})
      expect(result).toMatchObject({exitCode: 5, call: undefined, stderr: expect.stringContaining('--write') as string})
      await pooler.close()
    }
  })

  it.each([
    ['is too old for the rest of this tool', welcome('12.9')],
    ['lets in by what only psql knows', Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 7])],
  ])('leaves a server to psql, held back, that %s', async (_, answer) => {
    const server = await fakePostgres(answer)
    for (const variable of ['PROD_CONNECTION_URL', 'CONNECTION_URL']) {
      const result = await connect(variable.startsWith('PROD') ? ['prod'] : [], {
        [variable]: `postgres://u@127.0.0.1:${server.port}/d?connect_timeout=5`,
      })
      expect(result.exitCode).toBe(0)
      // Whether the database is marked could not be asked.
      expect(result.call?.env['PGOPTIONS']).toContain('default_transaction_read_only=on')
      expect(result.call?.env['PGOPTIONS']).not.toContain('idle_session_timeout')
    }

    await server.close()
  })

  it("shows its prompt over the user's own, whose psqlrc is read for everything else", async () => {
    const home = join(folder, "ho'me")
    await mkdir(home, {recursive: true})
    for (const name of ['.psqlrc', '.psqlrc-15', '.psqlrc-15.4', '.psqlrc.bak']) await writeFile(join(home, name), '')
    const {call} = await connect(['prod'], {PROD_CONNECTION_URL: urlOf(database), HOME: home})
    expect(Object.keys(call?.psqlrc ?? {}).sort()).toEqual(['psqlrc', 'psqlrc-15', 'psqlrc-15.4'])
    expect(call?.psqlrc['psqlrc-15']).toBe(
      `\\i '${folder}/ho''me/.psqlrc-15'\n\\set PROMPT1 'prod/%/ (read-only)%R%x%# '\n\\set PROMPT2 'prod/%/ (read-only)%R%x%# '\n`,
    )
    const other = await connect(['prod'], {PROD_CONNECTION_URL: urlOf(database), HOME: home, PSQLRC: '~/rc'})
    expect(other.call?.psqlrc['psqlrc']).not.toContain('\\i')
  })

  it('has a red prompt on a terminal with colors', async () => {
    const prompts = async (more: NodeJS.ProcessEnv): Promise<string | undefined> =>
      withTerminal(
        ['connect', 'prod'],
        {env: {...env, PROD_CONNECTION_URL: urlOf(database), ...more}},
        async ({exit}) => {
          expect(await exit).toBe(0)
          return promptOf(JSON.parse(await readFile(join(folder, 'call.json'), 'utf8')) as Call)
        },
      )
    expect(await prompts({})).toBe('%[%033[1;31m%]prod/%/ (read-only)%[%033[0m%]%R%x%# ')
    expect(await prompts({NO_COLOR: '1'})).toBe('prod/%/ (read-only)%R%x%# ')
    expect(await prompts({TERM: 'dumb'})).toBe('prod/%/ (read-only)%R%x%# ')
  })
})

describe("psql's history", () => {
  it('is a file of the target, closed to others', async () => {
    const state = join(folder, 'state')
    const {call} = await connect(['prod'], {PROD_CONNECTION_URL: urlOf(database), XDG_STATE_HOME: state})
    const path = join(state, 'cruddur-db', 'history', 'prod.psql')
    expect(call?.env['PSQL_HISTORY']).toBe(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    expect(
      (await connect([], {CONNECTION_URL: urlOf(database), XDG_STATE_HOME: state})).call?.env['PSQL_HISTORY'],
    ).toBe(join(dirname(path), 'local.psql'))
  })

  it("is where the user's own setting says, or psql's own where no file can be made", async () => {
    const own = {CONNECTION_URL: urlOf(database), PSQL_HISTORY: '/elsewhere'}
    expect((await connect([], own)).call?.env['PSQL_HISTORY']).toBe('/elsewhere')
    const without = {CONNECTION_URL: urlOf(database), XDG_STATE_HOME: join(folder, 'psql')}
    const result = await connect([], without)
    expect(result.exitCode).toBe(0)
    expect(result.call?.env).not.toHaveProperty('PSQL_HISTORY')
  })
})
