import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {cli, type CliResult, json} from '../support/cli.js'
import {query, uniqueName, urlAs, urlOf} from '../support/databases.js'
import {writeSql} from '../support/sql-folder.js'
import {folderOfTest} from '../support/temporary-folder.js'

let name: string
let folder: string
let roles: {owner: string; app: string; reader: string}

beforeEach(async () => {
  name = uniqueName('Carried "it"')
  roles = {owner: `${name} owner`, app: `${name} app`, reader: `${name}_reader`}
  folder = folderOfTest()
  for (const role of Object.values(roles)) await query('postgres', `create role ${quoted(role)}`)
})
afterEach(async () => {
  const own = await query<{datname: string}>(
    'postgres',
    'select datname from pg_database where starts_with(datname, $1)',
    [name],
  )
  for (const {datname} of own) await query('postgres', `alter database ${quoted(datname)} is_template false`)
  for (const {datname} of own) await query('postgres', `drop database ${quoted(datname)} with (force)`)
  for (const role of Object.values(roles)) await query('postgres', `drop role ${quoted(role)}`)
})

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const setup = (...args: string[]): Promise<CliResult> =>
  cli(['setup', ...args], {env: {CONNECTION_URL: urlOf(name)}, cwd: folder})
const alter = (sql: string): Promise<object[]> => query('postgres', `alter database ${quoted(name)} ${sql}`)

/** All that belongs to the database and not to what is in it. */
async function attributes(): Promise<Record<string, unknown>> {
  const [row] = await query<Record<string, unknown>>(
    'postgres',
    `select pg_get_userbyid(datdba) as owner, datacl::text as acl, datconnlimit as limit, datallowconn as open, datistemplate as template,
       pg_encoding_to_char(encoding) as encoding, datcollate as collate, datctype as ctype,
       to_jsonb(d) ->> 'datlocprovider' as provider, coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') as locale,
       shobj_description(d.oid, 'pg_database') as comment,
       (select array_agg(coalesce(r.rolname || ': ', '') || setting order by coalesce(r.rolname || ': ', '') || setting) from pg_db_role_setting s cross join unnest(setconfig) as setting left join pg_roles r on r.oid = s.setrole where s.setdatabase = d.oid) as settings
     from pg_database d where datname = $1`,
    [name],
  )
  return row ?? {}
}

describe('what belongs to a database', () => {
  it('is carried to the one that replaces it: owner, privileges, settings, limit, encoding, locale, comment, template', async () => {
    await writeSql(folder, {schema: 'create table fresh ();', seed: 'select 1;'})
    const locale =
      (await query<{n: number}>('postgres', "select current_setting('server_version_num')::int as n"))[0]!.n >= 150_000
        ? "locale_provider icu icu_locale 'de' locale 'C'"
        : "locale 'C'"
    await query(
      'postgres',
      `create database ${quoted(name)} template template0 encoding 'LATIN1' ${locale} owner ${quoted(roles.owner)} connection limit 7`,
    )
    await query('postgres', `comment on database ${quoted(name)} is E'ours\\nsince 2020'`)
    await query('postgres', `revoke all on database ${quoted(name)} from public`)
    await query(
      'postgres',
      `grant connect, temporary on database ${quoted(name)} to ${quoted(roles.app)} with grant option`,
    )
    await query('postgres', `grant connect on database ${quoted(name)} to ${quoted(roles.reader)}`)
    await alter(`set search_path to "$user", "odd, path", public`)
    await alter(`set work_mem = '8MB'`)
    await alter(`set application_name = 'it''s \\ "x"'`)
    await query('postgres', `alter role ${quoted(roles.app)} in database ${quoted(name)} set statement_timeout = '5s'`)
    await alter('is_template true')
    const before = await attributes()
    const result = await setup('--json')
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    expect(json(result).warnings).toEqual([])
    expect(await attributes()).toEqual(before)
    expect(await query(name, "select to_regclass('fresh') is not null as there")).toEqual([{there: true}])
    // Again, and it does not matter that the old one was a template: it is replaced, and kept ones are dropped.
    expect(json(await setup('--json')).warnings).toEqual([])
    expect(await attributes()).toEqual(before)
    expect(await cli(['undo'], {env: {CONNECTION_URL: urlOf(name)}})).toMatchObject({exitCode: 0})
    expect(await attributes()).toEqual(before)
  })

  it('is what the files say, where they say it, of the database by its name, quoted, in DO blocks, and as current_database()', async () => {
    await query('postgres', `create database ${quoted(name)} owner ${quoted(roles.owner)}`)
    await query('postgres', `comment on database ${quoted(name)} is 'old'`)
    for (const setting of [
      "work_mem = '8MB'",
      "datestyle = 'German'",
      "lock_timeout = '1s'",
      "idle_in_transaction_session_timeout = '9s'",
    ])
      await alter(`set ${setting}`)
    await writeSql(folder, {
      schema: `
        comment on database ${quoted(name)} is 'new';
        alter database ${quoted(name)} set datestyle to 'ISO, YMD';
        alter database ${quoted(name)} reset lock_timeout;
        alter database ${quoted(name)} set idle_in_transaction_session_timeout to default;
        do $$ begin execute format('alter database %I set search_path to shop, public', current_database()); end $$;
        do $$ begin grant connect on database ${quoted(name)} to ${quoted(roles.reader)}; end $$;
        revoke connect on database ${quoted(name)} from public;
        alter role ${quoted(roles.app)} in database ${quoted(name)} set work_mem = '1MB';
        create schema shop;`,
      seed: "create table seeded as select current_setting('datestyle') as d, current_setting('search_path') as s, current_setting('work_mem') as w;",
    })
    const result = await setup('--json')
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    // For the seed what the schema has set holds, and nothing that is only carried over.
    expect(await query(name, 'select d, s, w from shop.seeded')).toEqual([{d: 'ISO, YMD', s: 'shop, public', w: '4MB'}])
    const now = await attributes()
    expect(now).toMatchObject({owner: roles.owner, comment: 'new'})
    expect(now['settings']).toEqual([
      `${roles.app}: work_mem=1MB`,
      'DateStyle=ISO, YMD',
      'search_path=shop, public',
      'work_mem=8MB',
    ])
    expect(String(now['acl'])).not.toMatch(/[{,]=[^,}]*c/)
    expect(String(now['acl'])).toContain('_reader')
    // The old one has kept its own.
    const [kept] = json(await cli(['undo', '--list', '--json'], {env: {CONNECTION_URL: urlOf(name)}})).result?.[
      'kept'
    ] as {name: string}[]
    const [old] = await query<{settings: string}>(
      'postgres',
      'select setconfig::text as settings from pg_db_role_setting join pg_database d on d.oid = setdatabase where datname = $1',
      [kept?.name],
    )
    expect(old?.settings).toContain('DateStyle=German')
    expect(old?.settings).not.toContain('search_path')
  })

  it('that cannot be carried over is a warning, by name', async () => {
    const login = uniqueName('login')
    await query('postgres', `create role ${login} login createdb password 'pw'`)
    await query('postgres', `create database ${quoted(name)} owner ${login}`)
    // Only a superuser may set it.
    await alter("set log_min_duration_statement = '5s'")
    await writeSql(folder, {schema: 'create table fresh ();'})
    const env = {CONNECTION_URL: urlAs(login, name)}
    const result = await cli(['setup', '--no-undo', '--json'], {env, cwd: folder})
    expect(result, result.stderr).toMatchObject({exitCode: 0})
    expect(json(result).warnings.join()).toContain('"log_min_duration_statement"')
    expect(json(result).warnings.join()).toContain('permission denied')
    expect(await query(name, "select to_regclass('fresh') is not null as there")).toEqual([{there: true}])
    await query('postgres', `drop database ${quoted(name)}`)
    await query('postgres', `drop role ${login}`)
  })

  it('is closed still where nobody could connect to it', async () => {
    await query('postgres', `create database ${quoted(name)} allow_connections false`)
    await writeSql(folder, {schema: 'create table fresh ();'})
    expect(await setup()).toMatchObject({exitCode: 0})
    expect(await attributes()).toMatchObject({open: false})
    expect(await cli(['drop', '--discard-undo'], {env: {CONNECTION_URL: urlOf(name)}})).toMatchObject({
      exitCode: 0,
      stdout: `Dropped ${name}.`,
    })
    await query('postgres', `create database ${quoted(name)} connection limit 0`)
    expect(await cli(['drop'], {env: {CONNECTION_URL: urlOf(name)}})).toMatchObject({
      exitCode: 0,
      stdout: `Dropped ${name}.`,
    })
  })
})
