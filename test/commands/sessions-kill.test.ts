import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlAs, urlOf} from '../support/databases.js'
import {connectAs, isThere, type SessionClient, untilSession} from '../support/session-clients.js'

const database = uniqueName('kill')
const role = uniqueName('role')
const env = {CONNECTION_URL: urlOf(database)}
const opened: SessionClient[] = []

beforeAll(async () => {
  await query('postgres', `create database ${database}`)
  await query('postgres', `create role ${role} login password 'pw'`)
})
afterAll(async () => {
  for (const {client} of opened) await client.end().catch(() => undefined)
  await query('postgres', `drop database ${database} with (force)`)
  await query('postgres', `drop role ${role}`)
})

async function open(application = uniqueName('victim'), as?: string): Promise<SessionClient & {application: string}> {
  const session = await connectAs(application, database, as)
  opened.push(session)
  return {...session, application}
}

const kill = (args: string[], more: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  cli(['sessions:kill', ...args], {env: {...env, ...more}})

const asRole = {CONNECTION_URL: urlAs(role, database)}

describe('sessions:kill', () => {
  it('ends sessions by process id, and says of others that they are gone', async () => {
    const [first, second, other] = [await open(), await open(), await open()]
    const result = await kill([String(first.pid), '2147483647', String(second.pid), String(first.pid)])
    expect(result.exitCode).toBe(0)
    const lines = result.stdout.split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.find((line) => line.includes(String(first.pid)))).toMatch(/ ended$/)
    expect(lines.find((line) => line.includes('2147483647'))).toMatch(/gone: no session has this process id$/)
    expect(await Promise.all([first, second, other].map(({pid}) => isThere(pid)))).toEqual([false, false, true])
  })

  it('takes a target before process ids, and both words of its name', async () => {
    const [first, second] = [await open(), await open()]
    expect((await kill(['local', String(first.pid)])).exitCode).toBe(0)
    const spaced = await cli(['sessions', 'kill', String(second.pid), '--json'], {env})
    expect(json(spaced)).toMatchObject({
      command: 'sessions:kill',
      result: {outcomes: [{pid: second.pid, outcome: 'ended'}], systemLeft: 0},
    })
    expect(await isThere(second.pid)).toBe(false)
  })

  it('ends what a filter means, after a dry run that ends nothing, and never itself', async () => {
    const [idle, open1] = [await open('it\'s "mine" 1'), await open('it\'s "mine" 2')]
    await open1.client.query('begin')
    const filter = ['--database', database, '--app', 'it\'s "mine"*']
    const planned = await kill([...filter, '--dry-run'])
    expect(planned.stdout.match(/would be ended/g)).toHaveLength(2)
    expect(await isThere(idle.pid)).toBe(true)
    const one = await kill([...filter, '--state', 'idle in transaction', '--json'])
    expect(json(one).result?.['outcomes']).toMatchObject([{pid: open1.pid, outcome: 'ended'}])
    expect(await isThere(idle.pid)).toBe(true)
    const none = await kill([...filter, '--idle-over', '1h'])
    expect(none).toMatchObject({exitCode: 0, stdout: 'No session matches. Nothing was ended.'})
    const all = json(await kill(['--database', database, '--user', 'postgres', '--json']))
    expect((all.result?.['outcomes'] as {outcome: string}[]).map(({outcome}) => outcome)).not.toContain('refused')
    expect(await query('postgres', 'select 1 from pg_stat_activity where datname = $1', [database])).toEqual([])
  })

  it('cancels a query and keeps its session; where none runs there is nothing to do, which is exit 5', async () => {
    const victim = await open()
    const running = victim.client.query('select pg_sleep(600)').then(
      () => 'finished',
      (error: {code: string}) => error.code,
    )
    await untilSession(victim.pid, "state = 'active'")
    expect((await kill([String(victim.pid), '--cancel'])).stdout).toContain('query canceled')
    expect(await running).toBe('57014')
    expect(await isThere(victim.pid)).toBe(true)
    const again = await kill([String(victim.pid), '--cancel'])
    expect(again.exitCode).toBe(5)
    expect(again.stdout).toContain('skipped: it is not running a query')
    expect(again.stderr).toContain('The session was left unchanged.')
  })

  it("leaves the server's own alone, and says which end on no order", async () => {
    const [{pid}] = (await query<{pid: number}>(
      'postgres',
      "select pid from pg_stat_activity where backend_type = 'checkpointer'",
    )) as [{pid: number}]
    const left = await kill([String(pid)])
    expect(left.exitCode).toBe(5)
    expect(left.stdout).toContain('skipped: a process of the server')
    const refused = json(await kill([String(pid), '--include-system', '--json']))
    expect(refused.error).toMatchObject({
      code: 'sessions_left',
      exit_code: 5,
      details: {outcomes: [{pid, outcome: 'refused'}]},
    })
    expect(await isThere(pid)).toBe(true)
  })

  it("says what a role may not end, and the grant that would let it; a superuser's it leaves alone", async () => {
    const other = uniqueName('other')
    await query('postgres', `create role ${other} login password 'pw'`)
    const [superuser, others, own] = [
      await open(),
      await open(uniqueName('v'), other),
      await open(uniqueName('v'), role),
    ]
    const result = await kill(
      [superuser, others, own].map(({pid}) => String(pid)),
      asRole,
    )
    expect(result.exitCode).toBe(5)
    const line = (pid: number): string | undefined =>
      result.stdout.split('\n').find((each) => each.trim().startsWith(String(pid)))
    expect(line(superuser.pid)).toMatch(/skipped: a session of a superuser$/)
    expect(line(others.pid)).toMatch(/refused: .*pg_signal_backend/)
    expect(line(own.pid)).toMatch(/ ended$/)
    expect(result.stderr).toContain(`grant pg_signal_backend to "${role}";`)
    const document = json(await kill([String(others.pid), '--json'], asRole))
    expect(document.error?.details).toMatchObject({outcomes: [{outcome: 'refused', code: '42501'}]})
    await query('postgres', `grant pg_signal_backend to ${role}`)
    expect((await kill([String(others.pid)], asRole)).exitCode).toBe(0)
    expect(await isThere(superuser.pid)).toBe(true)
    await query('postgres', `drop role ${other}`)
  })

  it('asks for the words on a protected target, and on a database that is marked, with what would be ended', async () => {
    const victim = await open()
    const staging = {STAGING_CONNECTION_URL: env.CONNECTION_URL}
    const refused = await kill(['staging', String(victim.pid)], staging)
    expect(refused).toMatchObject({exitCode: 7, stdout: ''})
    expect(refused.stderr).toMatch(new RegExp(`^ *${victim.pid} +postgres`, 'm'))
    expect(refused.stderr).toContain(`--confirm ${database}@127.0.0.1`)
    expect((await kill(['staging', String(victim.pid), '--dry-run'], staging)).exitCode).toBe(0)
    expect((await kill(['staging', String(victim.pid), '--confirm', `${database}@elsewhere`], staging)).exitCode).toBe(
      7,
    )
    await cli(['protect'], {env})
    // From another database of the server it is as protected.
    const marked = await kill([String(victim.pid)], {CONNECTION_URL: urlOf('postgres')})
    expect(marked.exitCode).toBe(7)
    expect(await isThere(victim.pid)).toBe(true)
    expect((await kill(['staging', String(victim.pid), '--confirm', `${database}@127.0.0.1`], staging)).exitCode).toBe(
      0,
    )
    expect(await isThere(victim.pid)).toBe(false)
    await cli(['unprotect', '--confirm', `${database}@127.0.0.1`], {env})
  })

  it.each([
    [[], 'No sessions are selected.'],
    [['local'], 'No sessions are selected.'],
    [['0'], '"0" is not a process id.'],
    [['-5'], '-5'],
    [['--', '-5'], '"-5" is not a process id.'],
    [['local', 'abc'], '"abc" is not a process id.'],
    [['12x'], '"12x" is not a process id.'],
    [['1099511627776'], 'is not a process id.'],
    [['99999999999999999999'], 'is not a process id.'],
    [['1', 'local'], '"local" is not a process id.'],
    [['1', '--state', 'idle'], 'not both'],
    [['--state', 'sleepy'], 'sleepy'],
    [['--older-than', '-5m'], 'older-than'],
    [['--older-than=-5m'], 'Error: --older-than must be a time, not "-5m".\n'],
    [['--idle-over', ''], 'Error: --idle-over must be a time, not "".\n'],
    [['--older-than', '99999999999d'], 'Error: --older-than must not be longer than 100 years.\n'],
    [['postgres://u:secret@h/d', '5'], 'A target is a name, not a URL.'],
    [['5', '--dryrun'], 'dryrun'],
  ])('answers %j with exit 2 and ends nothing', async (args, says) => {
    const result = await kill(args)
    expect(result).toMatchObject({exitCode: 2, stdout: ''})
    expect(result.stderr).toContain(says)
    expect(result.stderr).not.toContain('secret')
  })
})
