import {afterAll, afterEach, beforeEach, describe, expect, it} from 'vitest'
import {query, uniqueName} from '../support/databases.js'
import {runTexts, type TextRun} from '../support/run-text.js'

const name = `${uniqueName('Live')} "x"`
const builtAs = `${name}_new`
const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`
const named = quote(name)

beforeEach(async () => {
  await query('postgres', `create database ${named}`)
  await query('postgres', `create database ${quote(builtAs)}`)
})
afterEach(async () => {
  for (const database of [name, builtAs])
    await query('postgres', `drop database if exists ${quote(database)} with (force)`)
})
const role = uniqueName('role')
afterAll(() => query('postgres', `drop role if exists ${role}`))

const run = (text: string, options = {}): Promise<TextRun> =>
  runTexts(builtAs, [text], {database: {name, builtAs}, ...options})
/** What may be said of a database from inside it. */
const facts = async (database: string): Promise<object | undefined> =>
  (
    await query(
      'postgres',
      `select shobj_description(d.oid, 'pg_database') as comment, datconnlimit as limit, datacl::text as acl,
         (select array_agg(array_to_string(setconfig, ',') order by setrole = 0, 1) from pg_db_role_setting where setdatabase = d.oid) as settings
       from pg_database d where datname = $1`,
      [database],
    )
  )[0]

describe('a file that runs in a database that is built under another name', () => {
  it('sets, comments and grants on the one being built', async () => {
    const before = await facts(name)
    const {error} = await run(`
      create role ${role};
      alter database ${named} set work_mem = '5MB';
      ALTER DATABASE -- here
        ${named} CONNECTION LIMIT 7;
      comment on database ${named} is 'whole';
      revoke all on database postgres, ${named} from ${role};
      grant connect on database ${named} to ${role};
      alter role ${role} in database ${named} set work_mem = '6MB';
      do $do$ begin
        alter role ${role} in database ${named} set lock_timeout = '1s';
        execute 'alter database ${named} set lock_timeout = ''2s''';
        execute format('alter database %I set statement_timeout = %L', current_database(), '3s');
      end $do$;
      \\connect ${named}
    `)
    expect(error).toBeUndefined()
    expect(await facts(name)).toEqual(before)
    expect(await facts(builtAs)).toMatchObject({
      comment: 'whole',
      limit: 7,
      acl: expect.stringContaining(`${role}=c/`) as string,
      settings: ['work_mem=6MB,lock_timeout=1s', 'work_mem=5MB,lock_timeout=2s,statement_timeout=3s'],
    })
  })

  it.each([
    ['drop', `drop database ${named}`, '25001', 'DROP DATABASE cannot run inside a transaction block'],
    ['create', `create database ${named}`, '25001', 'CREATE DATABASE cannot run inside a transaction block'],
    ['rename', `alter database ${named} rename to other`, '0A000', 'current database cannot be renamed'],
  ])('cannot %s it, as in the database itself', async (_what, text, code, message) => {
    const {error} = await run(`create table made (); ${text};`)
    expect(error).toMatchObject({code})
    expect(error?.message.toLowerCase()).toContain(message.toLowerCase())
    expect(await facts(name)).toBeDefined()
  })

  it('cannot drop it without a transaction either', async () => {
    expect((await run(`drop database ${named};`, {transaction: false})).error).toMatchObject({code: '55006'})
    expect(await facts(name)).toBeDefined()
  })

  it.each([
    ['after the name, on its line', `/* é😀 */ comment on database ${named} is nope;`],
    ['after two names', `  grant connect on database ${named}, ${named} to nobody nope;`],
    ['before the name', `alter nope database ${named} set a = 1;`],
    ['at the end of the file', `select 1;\n\ncomment on database ${named} is  `],
  ])('has the place of a fault as in the file: %s', async (_what, text) => {
    const {error} = await run(text)
    const there = await runTexts(name, [text])
    expect(error?.details.place).toEqual(there.error?.details.place)
    expect(error?.details.place?.text).toBe(text.split('\n').at(-1))
  })

  it('has the place of a fault in the next statement, and in DO', async () => {
    for (const text of [
      `comment on database ${named} is 'x'; select nope;`,
      `do $$ begin comment on database ${named} is 'x'; perform nope(; end $$; select 1;`,
    ]) {
      const there = await runTexts(name, [text])
      expect((await run(text)).error?.details.place).toEqual(there.error?.details.place)
    }
  })

  it('says the name that the file knows where it connects elsewhere', async () => {
    expect((await run('\\connect postgres\n')).error?.message).toContain(`setup builds only ${name},`)
  })
})
