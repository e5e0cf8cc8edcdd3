import {Client} from 'pg'
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest'
import type {Session} from '../../src/lib/postgres/catalog/session.js'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlAs, urlOf, withConnection} from '../support/databases.js'
import {withOwnServer} from '../support/other-server.js'
import {connectAs, type SessionClient, untilSession} from '../support/session-clients.js'
import {withTerminal} from '../support/terminal.js'

interface Row {
  pid: number
  state: string
  application: string
  query: string
  database: string
  backend: string
}

const database = uniqueName('sessions')
const role = uniqueName('app')
const env = {CONNECTION_URL: urlOf(database)}
const opened: SessionClient[] = []

beforeAll(async () => {
  await query('postgres', `create database ${database}`)
  await query(database, 'create table activities (id int); insert into activities values (1)')
  await query(database, 'create table "Odd ""name" ()')
  await query('postgres', `create role ${role} login password 'pw'`)
})
afterEach(async () => {
  for (const {client} of opened.splice(0)) await client.end().catch(() => undefined)
})
afterAll(async () => {
  await query('postgres', `drop database ${database} with (force)`)
  await query('postgres', `drop role ${role}`)
})

async function open(application: string, as?: string): Promise<SessionClient> {
  const session = await connectAs(application, database, as)
  opened.push(session)
  return session
}

/** The sessions of this file, as `--json` gives them. */
async function list(...args: string[]): Promise<Session[]> {
  return json(await cli(['sessions', '--json', '--database', database, ...args], {env})).result?.[
    'sessions'
  ] as Session[]
}

describe('sessions that wait', () => {
  it('are shown below those that block them, with lock and relation, and come first in the list', async () => {
    const [idle, holder, row, table, queue] = [
      await open('idle'),
      await open('psql'),
      await open('row'),
      await open('table'),
      await open('queue'),
    ]
    await holder.client.query('begin; update activities set id = 2; lock table "Odd ""name"')
    void row.client.query('update activities set id = 3').catch(() => undefined)
    await untilSession(row.pid, "wait_event_type = 'Lock'")
    void table.client.query('select from "Odd ""name"').catch(() => undefined)
    await untilSession(table.pid, "wait_event_type = 'Lock'")
    void queue.client.query('update activities set id = 4').catch(() => undefined)
    await untilSession(queue.pid, "wait_event_type = 'Lock'")
    const sessions = await list()
    expect(sessions.map(({pid}) => pid)).toEqual([holder.pid, row.pid, table.pid, queue.pid, idle.pid])
    expect(sessions).toMatchObject([
      {program: 'psql', blockedBy: [], lock: null, here: true},
      {blockedBy: [holder.pid], lock: {kind: 'transactionid', mode: 'ShareLock', relation: 'activities'}},
      {blockedBy: [holder.pid], lock: {kind: 'relation', mode: 'AccessShareLock', relation: '"Odd ""name"'}},
      {blockedBy: expect.arrayContaining([row.pid]) as number[], lock: {relation: 'activities'}},
      {blockedBy: [], waitType: 'Client', transactionSeconds: null},
    ])
    const tree = await cli(['sessions', '--blocking', '--database', database], {env})
    const lines = tree.stdout.split('\n')
    const at = lines.findIndex((line) => line.startsWith(`${holder.pid} `))
    expect(lines.slice(at, at + 4).map((line) => /^[│├└─ ]*\d+/.exec(line)?.[0])).toEqual([
      String(holder.pid),
      `├─ ${row.pid}`,
      expect.stringMatching(/^│ {2}└─ \d+$/) as string,
      `└─ ${table.pid}`,
    ])
    expect(lines[at + 1]).toContain('row of activities, Share')
    expect(lines[at + 3]).toContain('lock on "Odd ""name", AccessShare')
    // From another database a relation has no name.
    const elsewhere = json(
      await cli(['sessions', '--json', '--database', database], {env: {CONNECTION_URL: urlOf('postgres')}}),
    )
    expect((elsewhere.result?.['sessions'] as Session[]).find(({pid}) => pid === table.pid)?.lock?.relation).toMatch(
      /^\d+$/,
    )
  })

  it('are none: says so', async () => {
    const result = await cli(['sessions', '--blocking', '--database', uniqueName('none')], {env})
    expect(result.stdout).toMatch(/^No session waits for another\.\n\n\d+ active/)
  })
})

describe('the list of sessions', () => {
  it('is filtered, sorted, and told which columns', async () => {
    const [first, second] = [await open('b \u0007\u001B[2J "x", 日本'), await open('a')]
    await second.client.query('begin')
    expect((await list('--state', 'idle in transaction')).map(({pid}) => pid)).toEqual([second.pid])
    expect((await list('--app', 'a')).map(({pid}) => pid)).toEqual([second.pid])
    expect(await list('--older-than', '1h')).toEqual([])
    expect((await list('--older-than', '0s', '--sort', 'pid')).map(({pid}) => pid)).toEqual(
      [first.pid, second.pid].sort((a, b) => a - b),
    )
    const {stdout} = await cli(['sessions', '--database', database, '--columns', 'state,pid', '--sort=-state'], {env})
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .map((line) => line.trimEnd().split(/ {2,}/)),
    ).toEqual([
      ['STATE', ' PID'].map((word) => word.trim()),
      ['idle in transaction', String(second.pid)],
      ['idle', String(first.pid)],
    ])
  })

  it('is CSV with every column, and nothing else on stdout', async () => {
    const {pid, client} = await open('quoted "app", 1')
    await client.query('select 1,\n2')
    const {stdout, exitCode} = await cli(['sessions', '--csv', '--app', 'quoted*'], {env})
    expect(exitCode).toBe(0)
    const [heading, ...rest] = stdout.split('\r\n')
    expect(heading).toBe(
      'pid,user,database,program,client,application,state,for,transaction,connected,waits_for,blocked_by,here,wait_event,backend,query',
    )
    expect(rest.join('\r\n')).toMatch(
      new RegExp(
        `^${pid},postgres,${database},,127\\.0\\.0\\.1:\\d+,"quoted ""app"", 1",idle,[\\d.]+,,[\\d.]+,,,true,Client: ClientRead,client backend,"select 1,\\n2"$`,
      ),
    )
    expect((await cli(['sessions', '--csv', '--columns', 'pid', '--database', uniqueName('none')], {env})).stdout).toBe(
      'pid',
    )
  })

  it('tells a role without pg_monitor what it cannot see, and what would let it', async () => {
    const [other, own] = [await open('other'), await open('own', role)]
    await own.client.query('begin')
    const asRole = {CONNECTION_URL: urlAs(role, database)}
    const document = json(await cli(['sessions', '--json', '--database', database], {env: asRole}))
    const sessions = document.result?.['sessions'] as Session[]
    expect(sessions.find(({pid}) => pid === own.pid)).toMatchObject({state: 'idle in transaction', hidden: false})
    expect(sessions.find(({pid}) => pid === other.pid)).toMatchObject({state: null, hidden: true, query: '', database})
    expect(document.warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^The role "${role}" may not see the details of .*\\. To see them: grant pg_monitor to "${role}";$`),
      ),
    ])
    await query('postgres', `grant pg_monitor to ${role}`)
    const after = json(await cli(['sessions', '--json', '--database', database], {env: asRole}))
    expect(after.warnings).toEqual([])
    expect((after.result?.['sessions'] as Session[]).find(({pid}) => pid === other.pid)).toMatchObject({
      state: 'idle',
      hidden: false,
    })
    await query('postgres', `revoke pg_monitor from ${role}`)
  })

  it('takes a query of a megabyte, and fits the terminal', async () => {
    await withOwnServer(
      async ({url}) => {
        const home = {CONNECTION_URL: url('postgres')}
        const client = new Client({connectionString: url('postgres'), application_name: 'long'}).on(
          'error',
          () => undefined,
        )
        await client.connect()
        await client.query(`select 1 /* ${'é '.repeat(300_000)}*/`)
        const document = json(await cli(['sessions', '--json', '--app', 'long'], {env: home}))
        expect((document.result?.['sessions'] as Session[])[0]?.query.length).toBeGreaterThan(600_000)
        await withTerminal(['sessions', '--app', 'long'], {env: home, columns: 80}, async (terminal) => {
          await terminal.exit
          expect(terminal.screen().some((line) => line.length === 80 && line.endsWith('…'))).toBe(true)
          expect(terminal.screen().length).toBeLessThan(8)
        })
        await withTerminal(['sessions', '--watch', '--app', 'long'], {env: home}, async (terminal) => {
          await terminal.until('1 session by')
          terminal.type('j\r')
          await terminal.until((text) => text.includes('wait event') && text.includes('é é é'))
          terminal.type('G')
          await terminal.until('*/')
        })
        await client.end()
      },
      {track_activity_query_size: '1MB'},
    )
  })

  it.each([
    [['--columns', ''], 'Unknown column "".'],
    [['--columns', 'pid,size'], 'Columns: pid, user, database'],
    [['--sort', 'size'], 'Unknown column "size".'],
    [['--state', 'sleepy'], 'idle in transaction'],
    [
      ['--older-than=-5m'],
      'Error: --older-than must be a time, not "-5m".\n  Write a number and a unit, for example 30s, 5m, 2h or 1d.',
    ],
    [['--older-than', 'soon'], 'Write a number and a unit, for example 30s, 5m, 2h or 1d.'],
    [['--older-than', '1e99'], '--older-than'],
    [['--csv', '--json'], 'csv'],
    [['--blocking', '--sort', 'pid'], 'blocking'],
  ])('answers %j with exit 2 and a way out', async (args, says) => {
    const result = await cli(['sessions', ...args], {env})
    expect(result.exitCode).toBe(2)
    expect(result.stderr + result.stdout).toContain(says)
  })
})

describe('sessions', () => {
  it('lists client connections whatever their state, and sums them up', async () => {
    const application = uniqueName('app')
    await withConnection('postgres', async (idle) => {
      await withConnection('template1', async (open) => {
        await idle.query(`set application_name = '${application}'`)
        await open.query(`set application_name = '${application}'`)
        await open.query('begin; select\n   42 as "the\tanswer"')
        const env = {CONNECTION_URL: urlOf('postgres')}
        const document = json(await cli(['sessions', '--json'], {env}))
        const rows = (document.result?.['sessions'] as Row[]).filter((row) => row.application === application)
        expect(rows).toMatchObject([
          {state: 'idle in transaction', database: 'template1', user: 'postgres', backend: 'client backend'},
          {state: 'idle', database: 'postgres', client: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string},
        ])
        const summary = document.result?.['summary'] as Record<string, unknown>
        expect(summary['idleInTransaction']).toBeGreaterThanOrEqual(1)

        const human = await cli(['sessions'], {env})
        const [heading, ...lines] = human.stdout.split('\n')
        expect(heading).toMatch(
          /^ *PID +USER +DATABASE +PROGRAM +CLIENT +APPLICATION +STATE +FOR +OPEN +(WAITS FOR +)?(BLOCKED BY +)?QUERY$/,
        )
        expect(lines.find((line) => line.includes('template1'))).toMatch(
          /idle in transaction +\S+ m?s +\S+ m?s +begin; select 42 as "the answer"$/,
        )
        expect(lines.find((line) => line.includes('template1'))).toMatch(/ here:\d+ /)
        expect(lines.at(-1)).toMatch(
          /^\d+ active, \d+ idle, \d+ idle in transaction, \d+ closed \(\d+ abandoned, \d+ fatal, \d+ killed\)$/,
        )
        await open.query('rollback')
      })
    })
  })

  it('leaves itself out, and shows background workers only with --all', async () => {
    const env = {CONNECTION_URL: `${urlOf('postgres')}?application_name=${uniqueName('self')}`}
    const clients = json(await cli(['sessions', '--json'], {env})).result?.['sessions'] as Row[]
    expect(clients.filter(({backend}) => backend !== 'client backend')).toEqual([])
    expect(clients.filter(({application}) => env.CONNECTION_URL.endsWith(application) && application !== '')).toEqual(
      [],
    )
    const all = json(await cli(['sessions', '--all', '--json'], {env})).result?.['sessions'] as Row[]
    expect(all.map(({backend}) => backend)).toContain('checkpointer')
  })

  it('counts a session that was killed as closed', async () => {
    // On a server of its own: dropping a database, as other tests do, takes its counts away.
    await withOwnServer(async (server) => {
      const url = server.url('postgres')
      const env = {CONNECTION_URL: url}
      const closed = async (): Promise<Record<string, number>> => {
        const summary = json(await cli(['sessions', '--json'], {env})).result?.['summary'] as {
          closed: Record<string, number>
        }
        return summary.closed
      }
      const before = await closed()
      const [victim, killer] = [new Client({connectionString: url}), new Client({connectionString: url})]
      victim.on('error', () => undefined)
      await Promise.all([victim.connect(), killer.connect()])
      const {rows} = await victim.query<{pid: number}>('select pg_backend_pid() as pid')
      await killer.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid])
      await killer.end()
      const after = await closed()
      expect(after['killed']).toBeGreaterThan(before['killed'] ?? NaN)
      expect(after['closed']).toBeGreaterThan(before['closed'] ?? NaN)
    })
  })
})
