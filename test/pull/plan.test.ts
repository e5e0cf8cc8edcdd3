import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {withClient} from '../../src/lib/postgres/connect/client.js'
import {readMasks} from '../../src/lib/pull/masks.js'
import {planPull, type PullPlan} from '../../src/lib/pull/plan.js'
import {ConnectionUrl} from '../../src/lib/targets/connection-url.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

const source = uniqueName('planned')
beforeAll(async () => {
  await query('postgres', `create database ${source}`)
  await query(
    source,
    `create table users (id int primary key, name varchar(5) not null, "E Mail" text, upper text generated always as (upper(name)) stored, at date default now());
    create table "Odd.Name" (n int); create schema s; create table s.users (n int); create view names as select name from users;
    create table p (n int, t text) partition by list (n); create table p1 partition of p default`,
  )
})
afterAll(() => query('postgres', `drop database ${source} with (force)`))

type Choice = {all?: boolean; tables?: string[]; variables?: Record<string, string>}

/** The plan for files, by their names, as on a source. */
async function planOf(files: Readonly<Record<string, string>>, choice: Choice = {}): Promise<PullPlan> {
  const {all = false, tables = [], variables = {}} = choice
  const folder = folderOfTest()
  await mkdir(join(folder, 'sql', 'pull'), {recursive: true})
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'sql', 'pull', `${name}.sql`), text)
  const masks = await readMasks(folder, variables)
  const url = ConnectionUrl.parse(urlOf(source), 'test')
  return withClient(url, {signal: new AbortController().signal}, async (client) => {
    await client.query('begin isolation level repeatable read read only')
    return planPull(client, {masks, all, tables})
  })
}

const good = `select id, 'x' as name, null as "E Mail" from users`

describe('the plan of a pull', () => {
  it('has a job for each file and each table that comes as it is, and names the others', async () => {
    expect(await planOf({})).toEqual({jobs: [], empty: ['Odd.Name', 'p1', 'users', 's.users']})
    const {jobs, empty} = await planOf({
      users: `${good};\n-- end`,
      's.users': 'select 1 as n',
      'Odd.Name': 'table "Odd.Name"',
    })
    expect(jobs.map(({table, to}) => [table, to])).toEqual([
      ['Odd.Name', 'COPY public."Odd.Name" (n) FROM STDIN'],
      ['s.users', 'COPY s.users (n) FROM STDIN'],
      ['users', 'COPY public.users (id, name, "E Mail") FROM STDIN'],
    ])
    expect(empty).toEqual(['p1'])
    const whole = await planOf({users: good}, {tables: ['p']})
    expect(whole.jobs.map(({table, file}) => [table, file])).toEqual([
      ['users', expect.stringContaining('users.sql')],
      ['p1', null],
    ])
    expect(
      (await planOf({'public.users': good, p: 'select n, t from p'}, {all: true})).jobs.map(({table}) => table),
    ).toEqual(['p', 'users', 'Odd.Name', 's.users'])
  })

  it('puts variables into the SELECTs', async () => {
    const file = {users: `${good} where id < :most and name <> :'not'`}
    const {jobs} = await planOf(file, {variables: {most: '7', not: "o'clock"}})
    expect(jobs[0]?.from).toContain("where id < 7 and name <> 'o''clock'")
    await expect(planOf(file)).rejects.toMatchObject({code: '42601', next: [expect.stringContaining('--set')]})
  })

  it.each([
    ['users', 'delete from users', 'must be one SELECT'],
    ['users', `${good}; select 1`, 'must be one SELECT'],
    ['users', 'copy users to stdout', 'must be one SELECT'],
    ['users', '', 'must be one SELECT'],
    ['users', '\\i /etc/passwd', 'without commands of psql'],
    ['users', `${good} where pg_read_file('/etc/hostname') is null and`, '42601'],
    ['users', `select nextval('nothing')`, '42P01'],
    ['users', `${good} for update`, '25006'],
    ['users', 'select * from users', 'upper is generated, so it cannot be given'],
    ['users', `select id from users`, 'it does not give name, E Mail, which has no default'],
    ['users', `select *, 1 as more from (${good}) as q`, 'the table has no column more'],
    ['users', `select *, 1 as id from (${good}) as q`, 'it gives id twice'],
    ['users', `select point(1, 2) as id, 'x' as name, null as "E Mail"`, '42846'],
    ['nothing', 'select 1', 'the source has no table nothing'],
    ['names', 'select name from users', 'names is not a table'],
  ])('refuses a file for %s: %s', async (name, text, reason) => {
    const failure = await planOf({[name]: text}).catch((error: unknown) => error)
    expect(`${(failure as Error).message} ${(failure as {code?: string}).code ?? ''}`).toContain(reason)
  })

  it.each(['s.users', 'Odd.Name', 'p'])('names the file that fails among others: %s', async (bad) => {
    const files = {
      users: `${good} where 'é' = 'é'`,
      's.users': 'select 1 as n',
      'Odd.Name': 'table "Odd.Name"',
      p: 'table p',
    }
    for (const text of ['select 1 as n from', 'select 1 as n, no as t', 'select point(1, 2) as n, null as t'])
      await expect(planOf({...files, [bad]: text})).rejects.toMatchObject({
        message: expect.stringMatching(new RegExp(`${bad}.sql(?: fails|:)`)) as string,
      })
  })

  it('refuses two files for a table, and one for two tables', async () => {
    await expect(planOf({users: good, 'public.users': good})).rejects.toMatchObject({code: 'pull_file_invalid'})
    await query(source, 'create table "s.users" (n int)')
    await expect(planOf({'s.users': 'select 1 as n'})).rejects.toMatchObject({code: 'pull_file_invalid'})
    await query(source, 'drop table "s.users"')
  })

  it('refuses a file for a partition beside one for its table, and tables that are not there', async () => {
    await expect(planOf({p: 'table p', p1: 'table p1'})).rejects.toMatchObject({code: 'pull_file_invalid'})
    await expect(planOf({}, {tables: ['nothing']})).rejects.toMatchObject({code: 'table_unknown'})
  })
})
