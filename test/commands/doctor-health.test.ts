import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {renderCheckup} from '../../src/lib/doctor/checkup/report.js'
import type {CheckupResult} from '../../src/lib/doctor/checkup/checkup.js'
import {styleOf} from '../../src/lib/text/style.js'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlAs, urlOf} from '../support/databases.js'

const [sick, well, role] = [uniqueName('sick'), uniqueName('well'), uniqueName('plain')]
beforeAll(async () => {
  for (const name of [sick, well]) await query('postgres', `create database ${name}`)
  await query('postgres', `create role ${role} login password 'pw'`)
  await query(well, 'create table t (id int primary key)')
  await query(
    sick,
    `create table numbers (id serial primary key, n int); select setval('numbers_id_seq', 2000000000);
     create index one on numbers (n); create index two on numbers (n);
     create table bare (n int); insert into bare select generate_series(1, 5000);
     create index broken on bare (n); update pg_index set indisvalid = false where indexrelid = 'broken'::regclass`,
  )
})
afterAll(async () => {
  for (const name of [sick, well]) await query('postgres', `drop database ${name} with (force)`)
  await query('postgres', `drop role ${role}`)
})

const health = async (url: string, ...flags: string[]) =>
  cli(['doctor', '--health', ...flags], {env: {CONNECTION_URL: url}})
type Checks = {check: string; status: string; items: {name: string; value: number | null}[]}[]
const checksOf = async (url: string): Promise<Checks> => json(await health(url, '--json')).result?.['checks'] as Checks

describe('doctor --health', () => {
  it('says what is urgent and what to do, with exit code 9', async () => {
    const {exitCode, stdout} = await health(urlOf(sick))
    expect(exitCode).toBe(9)
    expect(stdout).toMatch(/^✗ sequences +public\.numbers_id_seq 93 % \(urgent, from 75 %/m)
    expect(stdout).toMatch(/^! duplicate indexes +two \(as one\) .*\n +DROP INDEX CONCURRENTLY NAME\.$/m)
    expect(stdout).toMatch(/^! invalid indexes +broken/m)
    expect(stdout).toMatch(/^! without primary key +bare/m)
    expect(stdout).toMatch(/^✓ prepared transactions +none$/m)
  })

  it('is quiet where nothing is wrong, and gives numbers as JSON', async () => {
    const checks = await checksOf(urlOf(well))
    expect(checks.filter(({status}) => status === 'warning' || status === 'urgent')).toEqual([])
    expect(checks.find(({check}) => check === 'transaction-ids')?.items[0]?.value).toBeGreaterThan(0)
  })

  it('says what a role may not see, and never that it is well', async () => {
    const checks = await checksOf(urlAs(role, sick))
    const status = (name: string): string | undefined => checks.find(({check}) => check === name)?.status
    expect(status('long-transactions')).toBe('unseen')
    expect(status('invalid-indexes')).toBe('warning')
    await query('postgres', `grant pg_monitor to ${role}`)
    const seen = await checksOf(urlAs(role, sick))
    expect(seen.find(({check}) => check === 'long-transactions')?.status).not.toBe('unseen')
  })

  it.each([60, 80, 120, 160])('fits %i columns', (width) => {
    const items = Array.from({length: 9}, (_, n) => ({name: `public.table_${n}`, value: 1e9}))
    const result: CheckupResult = {
      checks: [
        {
          check: 'bloat',
          status: 'warning',
          items,
          limit: 'over half of it',
          advice: 'VACUUM FULL NAME.',
          partly: false,
        },
      ],
    }
    const lines = renderCheckup(result, width, styleOf('stdout')).split('\n')
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('and 6 more')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width)
  })
})
