import {Client} from 'pg'
import {describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {uniqueName, urlOf, withConnection} from '../support/databases.js'
import {withServerHome} from '../support/server-home.js'

interface Row {
  pid: number
  state: string
  application: string
  query: string
  database: string
  backend: string
}

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
        expect(heading).toMatch(/^ *PID +USER +DATABASE +CLIENT +APPLICATION +STATE +FOR +QUERY$/)
        expect(lines.find((line) => line.includes('template1'))).toMatch(/idle in transaction +\S+ m?s +begin; select 42 as "the answer"$/)
        expect(lines.at(-1)).toMatch(/^\d+ active, \d+ idle, \d+ idle in transaction, \d+ closed \(\d+ abandoned, \d+ fatal, \d+ killed\)$/)
        await open.query('rollback')
      })
    })
  })

  it('leaves itself out, and shows background workers only with --all', async () => {
    const env = {CONNECTION_URL: `${urlOf('postgres')}?application_name=${uniqueName('self')}`}
    const clients = json(await cli(['sessions', '--json'], {env})).result?.['sessions'] as Row[]
    expect(clients.filter(({backend}) => backend !== 'client backend')).toEqual([])
    expect(clients.filter(({application}) => env.CONNECTION_URL.endsWith(application) && application !== '')).toEqual([])
    const all = json(await cli(['sessions', '--all', '--json'], {env})).result?.['sessions'] as Row[]
    expect(all.map(({backend}) => backend)).toContain('checkpointer')
  })

  it('counts a session that was killed as closed', async () => {
    // On a server of its own: dropping a database, as other tests do, takes its counts away.
    await withServerHome(async (env) => {
      const {stdout: url} = await cli(['server:start'], {env})
      await cli(['create'], {env})
      const closed = async (): Promise<Record<string, number>> => {
        const summary = json(await cli(['sessions', '--json'], {env})).result?.['summary'] as {closed: Record<string, number>}
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
