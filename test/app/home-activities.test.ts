import {readFile} from 'node:fs/promises'
import {beforeEach, describe, expect, it} from 'vitest'
import {type Activity, homeActivities, type HomeOptions} from '../../src/lib/app/activities.js'
import {shape} from '../../src/lib/app/shape.js'
import {bind, parseStatement} from '../../src/lib/app/statement.js'
import {cruddur, failureOf, postTo} from '../support/cruddur.js'
import {withConnection} from '../support/databases.js'

const cruds = cruddur()
const db = cruds.open()
const post = (message?: string, handle?: string): Promise<Activity> => postTo(db, message, handle)
const {shift} = cruds

beforeEach(() => cruds.run('truncate activities'))

describe('homeActivities', () => {
  it("shows what has not expired by the server's clock, newest first", async () => {
    const [old, gone, young] = [await post('old'), await post('gone'), await post('young')]
    await shift(old.uuid, -167.9)
    await shift(gone.uuid, -168.1)
    await shift(young.uuid, 1)
    await cruds.run(
      "insert into activities (user_uuid, message, created_at) select uuid, 'for ever', '1999-01-01' from users where handle = 'ada'",
    )
    for (const zone of ['Asia/Kathmandu', 'UTC', 'Pacific/Honolulu']) {
      await cruds.run(`alter database ${cruds.database} set timezone = '${zone}'`)
      await cruds.endSessions()
      expect((await homeActivities(db)).map(({message}) => message)).toEqual(['young', 'old', 'for ever'])
    }
  })

  it('pages by the last one shown: nothing twice, nothing left out, whatever is posted or deleted meanwhile', async () => {
    await cruds.run(`insert into activities (user_uuid, message, created_at)
      select users.uuid, n::text, now() - (n / 3) * interval '1 microsecond' from generate_series(0, 24) n, users where handle = 'ada'`)
    const seen: string[] = []
    let before: HomeOptions['before']
    for (;;) {
      const page = await homeActivities(db, {limit: 4, before})
      if (page.length === 0) break
      seen.push(...page.map(({message}) => message))
      before = page.at(-1)
      await post(`new ${seen.length}`)
      await cruds.run('delete from activities where uuid = $1', [before?.uuid])
    }

    expect(seen).toHaveLength(25)
    expect(new Set(seen).size).toBe(25)
    // Three share each instant, and an instant is read to the microsecond.
    expect(seen.map((message) => Math.floor(Number(message) / 3))).toEqual(
      Array.from({length: 25}, (_, n) => Math.floor(n / 3)),
    )
  })

  it.each([
    [{limit: 0}, 'limit_invalid'],
    [{limit: 101}, 'limit_invalid'],
    [{limit: 1.5}, 'limit_invalid'],
    [{limit: NaN}, 'limit_invalid'],
    [{limit: '20'}, 'limit_invalid'],
    [{limit: null}, 'limit_invalid'],
    [{before: null}, 'before_invalid'],
    [{before: 'x'}, 'before_invalid'],
    [{before: {created_at: ['2026-01-01T00:00:00Z'], uuid: '00000000-0000-4000-8000-000000000000'}}, 'before_invalid'],
    [{before: {created_at: '2026-01-01T00:00:00Z', uuid: ['00000000-0000-4000-8000-000000000000']}}, 'before_invalid'],
    [{before: {created_at: 'yesterday', uuid: '00000000-0000-4000-8000-000000000000'}}, 'before_invalid'],
    [{before: {created_at: '2026-13-41T00:00:00Z', uuid: '00000000-0000-4000-8000-000000000000'}}, 'before_invalid'],
    [{before: {created_at: '2026-01-01T00:00:00Z', uuid: "'"}}, 'before_invalid'],
  ])('refuses %j', async (options, code) => {
    expect(await failureOf(homeActivities(db, options as HomeOptions))).toMatchObject({code, exitCode: 2})
  })

  it('is one index scan without a sort, for the first page and the next, planned for these values or for any', async () => {
    await cruds.run(`insert into activities (user_uuid, message, created_at, expires_at)
      select users.uuid, 'm' || n, now() - n * interval '1 minute', now() + (n % 3) * interval '1 day' + interval '1 hour'
      from generate_series(1, 20000) n, users where handle = 'ada'`)
    await cruds.run('analyze activities')
    await cruds.run('analyze users')
    const {text, names} = parseStatement(
      await readFile(new URL('../../sql/activities/home.sql', import.meta.url), 'utf8'),
    )
    const places = [
      {before_created_at: null, before_uuid: null},
      {before_created_at: new Date().toISOString(), before_uuid: '00000000-0000-4000-8000-000000000000'},
    ]
    for (const plans of ['force_custom_plan', 'force_generic_plan']) {
      for (const place of places) {
        const nodes = await withConnection(cruds.database, async (client) => {
          await client.query(`set plan_cache_mode = ${plans}`)
          await client.query(
            `prepare home as ${shape({text, names, main: 0, givesRows: true, endsTransaction: false}, 'rows')}`,
          )
          const values = bind(names, {limit: 20, ...place}).map((value) =>
            value === null ? 'null' : `'${value as string | number}'`,
          )
          const {rows} = await client.query<{'QUERY PLAN': [{Plan: PlanNode}]}>(
            `explain (analyze, format json) execute home (${values.join(', ')})`,
          )
          return nodesOf(rows[0]?.['QUERY PLAN'][0].Plan)
        })
        const onActivities = nodes.filter((node) => node['Relation Name'] === 'activities')
        expect(onActivities).toMatchObject([{'Node Type': 'Index Scan', 'Index Name': 'activities_created_at_idx'}])
        expect(onActivities[0]?.['Actual Rows']).toBeLessThanOrEqual(100)
        expect(nodes.map((node) => node['Node Type']).filter((type) => type.includes('Sort'))).toEqual([])
      }
    }
  })
})

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Actual Rows': number
  Plans?: PlanNode[]
}

function nodesOf(plan: PlanNode | undefined): PlanNode[] {
  return plan === undefined ? [] : [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
}
