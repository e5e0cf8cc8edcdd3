import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {cli, json} from '../support/cli.js'
import {query, uniqueName, urlOf} from '../support/databases.js'
import {folderOfTest} from '../support/temporary-folder.js'

const database = uniqueName()
const env = {CONNECTION_URL: urlOf(database)}
let folder: string

beforeAll(async () => {
  await query('postgres', `create database "${database}"`)
  await query(database, 'create table keep (id int primary key, name text not null)')
})
afterAll(() => query('postgres', `drop database "${database}" with (force)`))
beforeEach(() => {
  folder = folderOfTest()
})

/** Writes the files into the folder and runs the first of them. */
async function run(files: Record<string, string | Buffer>, command = 'schema:load', ...flags: string[]) {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), {recursive: true})
    await writeFile(join(folder, name), content)
  }
  return cli([command, '--file', Object.keys(files)[0] ?? '', ...flags], {env, cwd: folder})
}

/** Nothing of a file may be there after it failed, nor may a session of it. */
async function expectNothingBehind() {
  expect(await query(database, 'select count(*)::int as n from keep')).toEqual([{n: 0}])
  expect(await query(database, "select relname from pg_class where relname = 'made'")).toEqual([])
  expect(
    await query(
      database,
      "select pid from pg_stat_activity where datname = current_database() and application_name = 'cruddur-db'",
    ),
  ).toEqual([])
}

const before = "create table made ();\ninsert into keep values (1, 'a');\n"

describe('a bad file ends with its exit code and place, and leaves nothing behind', () => {
  it.each<[string, Record<string, string | Buffer>, number, string, string]>([
    [
      'ends inside a quote',
      {'a.sql': `${before}select 'open\n;`},
      6,
      'a.sql:3:8',
      'inside the quoted string that begins here',
    ],
    [
      'ends inside a comment',
      {'a.sql': `${before}/* open /* */ ;`},
      6,
      'a.sql:3:1',
      'inside the comment that begins here',
    ],
    [
      'ends inside a dollar body',
      {'a.sql': `${before}do $x$ begin end; $$;`},
      6,
      'a.sql:3:4',
      'inside the dollar-quoted string that begins here',
    ],
    [
      'ends inside COPY data',
      {'a.sql': `${before}copy keep from stdin;\n2\tb\n`},
      6,
      'a.sql:3:1',
      'in the data of the COPY that begins here',
    ],
    ['has a NUL byte', {'a.sql': `${before}select '\0';`}, 3, 'a.sql:3:9', 'NUL byte'],
    [
      'is not UTF-8',
      {'a.sql': Buffer.concat([Buffer.from(`${before}select 'ä`), Buffer.of(0xe4), Buffer.from("';")])},
      3,
      'a.sql:3:10',
      `at byte ${before.length + 10} it has e4`,
    ],
    [
      'has a COPY row with too few columns',
      {'a.sql': `${before}copy keep from stdin;\n2\tb\n3\n\\.\n`},
      6,
      'a.sql:5:1',
      'missing data for column "name"',
    ],
    [
      'includes a missing file',
      {'a.sql': `${before}\\i there/none.sql\n`},
      3,
      'a.sql:3:1',
      'there/none.sql does not exist',
    ],
    [
      'includes itself',
      {'a.sql': `${before}\\ir b.sql\n`, 'b.sql': '\\i a.sql\n'},
      6,
      'b.sql:1:1',
      'a.sql includes itself',
    ],
    [
      'has a psql command that is not taken',
      {'a.sql': `${before}select 1 as x\n\\ir b.sql\n`, 'b.sql': ''},
      6,
      'a.sql:4:1',
      'in the middle of a statement',
    ],
    ['asks psql for something else', {'a.sql': `${before}\\! ls\n`}, 6, 'a.sql:3:1', "psql's \\! is not supported"],
    ['connects to a missing database', {'a.sql': `${before}\\connect elsewhere\n`}, 5, 'a.sql:3:1', 'does not exist'],
    ['connects as another role', {'a.sql': `${before}\\connect - elsewhere\n`}, 6, 'a.sql:3:1', 'another role'],
    [
      'has a psql command between \\restrict and \\unrestrict',
      {'a.sql': `${before}\\restrict k\n\\echo no\n`},
      6,
      'a.sql:4:1',
      'Between \\restrict and \\unrestrict',
    ],
    [
      'has what cannot run in a transaction',
      {'a.sql': `${before}create index concurrently i on keep (name);`},
      6,
      'a.sql:3:1',
      '--no-transaction',
    ],
    ['vacuums', {'a.sql': `${before}vacuum keep;`}, 6, 'a.sql:3:1', '--no-transaction'],
  ])('%s', async (_, files, exitCode, place, text) => {
    const result = await run(files, 'schema:load', '--json')
    const {error} = json(result)
    expect(result.exitCode).toBe(exitCode)
    expect([error?.message, ...(error?.next ?? [])].join('\n')).toContain(text)
    const [file, line, column] = place.split(':')
    expect(error).toMatchObject({
      exit_code: exitCode,
      details: {place: {file, line: Number(line), column: Number(column)}},
    })
    await expectNothingBehind()
  })

  it.each<[string, Record<string, string | Buffer>, number, string]>([
    ['a CSV whose table is missing', {'1_nowhere.csv': 'a,b\n1,2\n'}, 6, 'Create the table nowhere'],
    ['a CSV whose header names an unknown column', {'keep.csv': 'id,nme\n1,2\n'}, 6, 'column "nme" of relation'],
    ['a CSV with an empty column name', {'keep.csv': 'id,,x\n1,2,3\n'}, 6, 'does not name all columns'],
    ['a CSV row with too many columns', {'keep.csv': 'id,name\n1,"two\nlines"\n2,b,c\n'}, 6, 'keep.csv:4:1'],
    ['a truncated .gz', {'a.sql.gz': gzipSync(Buffer.from(before.repeat(50))).subarray(0, 60)}, 3, 'is cut off'],
    ['a .gz that is none', {'a.sql.gz': before}, 3, 'not a gzip file'],
    ['a folder without a seed file', {'readme.txt': 'x'}, 3, 'contains no seed file'],
  ])('a seed folder with %s', async (_, files, exitCode, text) => {
    const inFolder = Object.fromEntries(Object.entries(files).map(([name, content]) => [`seeds/${name}`, content]))
    for (const [name, content] of Object.entries(inFolder)) {
      await mkdir(join(folder, 'seeds'), {recursive: true})
      await writeFile(join(folder, name), content)
    }
    const result = await cli(['seed', '--file', 'seeds'], {env, cwd: folder})
    expect(result.stderr).toContain(text)
    expect(result).toMatchObject({exitCode, stdout: ''})
    await expectNothingBehind()
  })

  it('a server that dies in the middle', async () => {
    const result = await run({
      'a.sql': `${before}do $$ begin perform pg_terminate_backend(pg_backend_pid()); end $$;\nselect 1;`,
    })
    expect(result).toMatchObject({exitCode: 4, stdout: ''})
    expect(result.stderr).toContain('was lost')
    await expectNothingBehind()
  })

  it('a server that dies in the middle of COPY data', async () => {
    await query(
      database,
      `create function die() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`,
    )
    await query(
      database,
      'create trigger die before insert on keep for each row when (new.id = 70000) execute function die()',
    )
    const rows = Array.from({length: 200_000}, (__, id) => `${id}\tname ${id}\n`).join('')
    const result = await run({'a.sql': `create table made ();copy keep from stdin;\n${rows}\\.\n`})
    await query(database, 'drop trigger die on keep')
    expect(result).toMatchObject({exitCode: 4, stdout: ''})
    expect(result.stderr).toContain('was lost')
    await expectNothingBehind()
  })
})

describe('an error points', () => {
  it('with a caret, detail, hint, PL/pgSQL context and the including files', async () => {
    const files = {
      'main.sql': `${before}\\ir parts/inner.sql\n`,
      'parts/inner.sql': "-- 日本\ndo $$\nbegin\n  insert into keep values (1, 'twice');\nend $$;\n",
    }
    const {stderr, exitCode} = await run(files)
    expect(exitCode).toBe(6)
    expect(stderr).toContain('duplicate key value violates unique constraint "keep_pkey" (SQLSTATE 23505)\n')
    expect(stderr).toContain('parts/inner.sql:2:1\n  2 | do $$\n      ^\n  included from main.sql:3\n')
    expect(stderr).toContain('CONTEXT:  SQL statement')
    expect(stderr).toContain('PL/pgSQL function inline_code_block line 3 at SQL statement')
    expect(stderr).toContain('\nDETAIL:  Key (id)=(1) already exists.\n')
    const {error} = json(await run(files, 'schema:load', '--json'))
    expect(error?.details).toMatchObject({
      sqlstate: '23505',
      detail: 'Key (id)=(1) already exists.',
      constraint: 'keep_pkey',
      where: expect.stringContaining('inline_code_block') as string,
      place: {file: 'parts/inner.sql', line: 2, column: 1, text: 'do $$', includedFrom: [{file: 'main.sql', line: 3}]},
    })
  })

  it('to the statement that the server cannot read, though it names no position', async () => {
    const lines = Array.from({length: 4000}, (_, id) => `insert into keep values (${id}, 'x');`)
    lines[99] = "insert into keep values (99, E'\\xff');"
    const {stderr} = await run({'many.sql': lines.join('\n')})
    expect(stderr).toContain('invalid byte sequence for encoding "UTF8"')
    expect(stderr).toContain('many.sql:100:1\n')
    await expectNothingBehind()
    const alone = await run({'many.sql': `begin;\n${lines.join('\n')}\ncommit;`}, 'schema:load', '--no-transaction')
    expect(alone.stderr).toContain('many.sql:101:1\n')
    await expectNothingBehind()
  })

  it('to the character that the encoding of the database does not have', async () => {
    const latin1 = uniqueName('latin1')
    await query('postgres', `create database ${latin1} encoding 'LATIN1' template template0 locale 'C'`)
    const lines = Array.from({length: 300}, (_, id) => `select ${id}, '${id === 149 ? '€' : 'é'}';`)
    await writeFile(join(folder, 'euro.sql'), lines.join('\n'))
    const {stderr} = await cli(['schema:load', '-f', 'euro.sql'], {env: {CONNECTION_URL: urlOf(latin1)}, cwd: folder})
    expect(stderr).toContain('has no equivalent in encoding "LATIN1"')
    expect(stderr).toContain('euro.sql:150:1\n')
    await query('postgres', `drop database ${latin1} with (force)`)
  })

  it('to the first statement that fails, if it names no position and all can be read', async () => {
    const {stderr} = await run({'two.sql': "do $$ begin raise 'no'; end $$;\nselect 1;\nselect 2;\n"})
    expect(stderr).toContain('two.sql:1:1\n')
  })

  it('into the statement that EXECUTE runs, or a DO block', async () => {
    const {stderr} = await run({'do.sql': "do $$ begin\n  execute 'select 1,\n  nope from keep';\nend $$;"})
    expect(stderr).toContain('QUERY:  select 1,\n  nope from keep\n  2 |   nope from keep\n        ^\nCONTEXT:  ')
    const {error} = json(await run({'do.sql': 'do $$ begin perform nope; end $$;'}, 'schema:load', '--json'))
    expect(error?.details).toMatchObject({query: 'SELECT nope', query_position: 8})
  })

  it('behind characters of several bytes, far into a large file', async () => {
    const many = Array.from({length: 9000}, (_, id) => `insert into keep values (${id}, '€😀 ${id}');\n`).join('')
    const {stderr} = await run({'big.sql': `${many}/* é */ select '😀', nope from keep; select 2;`})
    expect(stderr).toContain('big.sql:9001:21')
    await expectNothingBehind()
  })

  it('to the bad row of a large COPY', async () => {
    const rows = Array.from({length: 50_000}, (_, id) => (id === 40_000 ? 'x\ty\n' : `${id}\tname\n`)).join('')
    const {stderr} = await run({'rows.sql': `-- one\ncopy keep\n  from stdin;\n${rows}\\.\n`})
    expect(stderr).toContain('rows.sql:40004:1\n  40004 | x\ty\n')
    await expectNothingBehind()
  })

  it('within a \\copy to the line of its file', async () => {
    const {stderr} = await run({
      'a.sql': "\\copy keep (id, name) from 'rows.csv' with (format csv)\n",
      'rows.csv': '1,a\nx,b\n',
    })
    expect(stderr).toContain('rows.csv:2:1\n  2 | x,b\n      ^\n  included from a.sql:1\n')
  })
})
