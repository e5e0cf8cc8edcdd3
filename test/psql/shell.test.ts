import {execa} from 'execa'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {cli} from '../support/cli.js'
import {uniqueName} from '../support/databases.js'
import {temporaryFolder} from '../support/temporary-folder.js'
import {type DumpedServer, startDumpedServer} from './own-server.js'
import {psql} from './programs.js'

const database = uniqueName('same')
let own: DumpedServer
const folder = temporaryFolder()

beforeAll(async () => {
  own = await startDumpedServer()
  await mkdir(join(folder, 'bin'))
  await own.run(`create database ${database}`)
})
afterAll(async () => {
  await own.stop()
})

/** What psql and our shell print of the same file. */
async function both(text: string): Promise<{theirs: string; ours: string}> {
  const path = join(folder, 'both.sql')
  await writeFile(path, text)
  const theirs = await execa(psql, ['-X', own.url(database), '-f', path], {env: {LANG: 'C.UTF-8'}})
  const ours = await cli(['connect', '--', '-f', path], {
    env: {PATH: join(folder, 'bin'), HOME: folder, CONNECTION_URL: own.url(database)},
  })
  expect(ours.exitCode).toBe(0)
  return {theirs: theirs.stdout, ours: ours.stdout}
}

describe('our shell prints what psql prints', () => {
  it.each([
    [
      'values of every kind',
      `select 1 as a, null as b, E'x\\ty\\r\\nzz\\x1b[2J' as "long heading here", -1.5::numeric n, 'é東京👩' w, true t, '{1,2}'::int[] i, 'NaN'::float8 f, '1 day'::interval d, '\\xff'::bytea;`,
    ],
    [
      'lines within values and headings',
      `select 1 as "two\nlines", E'a\\nb\\nc' as x, 5 as "y";\nselect E'a\\nbb' as x;\nselect E'a\\n' as x, E'\\n' as y, 1 as z;`,
    ],
    ['no rows and no columns', 'select;\nselect where false;\nselect 1 as x where false;'],
    [
      'records',
      `\\x\nselect 1 as a, E'x\\nyy' as "long heading here" union all select 2, 'z';\nselect 1 as "two\nlines", E'a\\nb\\nc' as x, 5 as "y";\nselect 1 as x where false;\nselect generate_series(1, 12) as n;\nselect repeat('x', 40) as y;\nselect null as "nothing at all";`,
    ],
    [
      'what statements answer',
      `create temp table t (a int, b text);\ninsert into t values (1, 'x'), (2, null) returning *;\ncopy t from stdin;\n3\tc\n4\t\\N\n\\.\ncopy t to stdout;\ncopy (select 1 where false) to stdout;\nupdate t set a = a;\ndelete from t where a = 1 returning a;\nbegin;\ncommit;\ndo $$ begin end $$;\nexplain (costs off) select * from t;\nshow work_mem;\nprepare p as select 1 as one;\nexecute p;\nbegin;\ndeclare c cursor for select 1 as one;\nfetch all from c;\nclose c;\nrollback;`,
    ],
    [
      '\\g and \\echo',
      `\\echo hello   'big world'\nselect 'a' as "A" \\gx\nselect 'b' as b \\g\nselect 1 as gone \\r\nselect 2 as stays;`,
    ],
  ])('%s', async (_, text) => {
    const {theirs, ours} = await both(text)
    expect(ours).toBe(theirs)
  })

  it('\\d, in the same words', async () => {
    const script = `
      create schema "Odd";
      create table public.users (id int generated always as identity primary key, handle text not null unique, mail text collate "C" check (mail like '%@%'), born date default now());
      create unique index on users (lower(mail)) where id > 3;
      create table "Odd"."Größe.x" (id int references users on delete cascade deferrable initially deferred, twice int generated always as (1 * 2) stored, during tsrange, exclude using gist (during with &&));
      create function noted() returns trigger language plpgsql as 'begin return new; end';
      create trigger note after update of handle on users for each row execute function noted();
      create view shown as select id, handle from users;
      create sequence loose cycle maxvalue 9;
      alter table users enable row level security;`
    await execa(psql, ['-X', '-q', own.url(database), '-c', script])
    for (const command of [
      '\\d users',
      '\\d "Odd"."Größe.x"',
      '\\d shown',
      '\\d users_pkey',
      '\\d loose',
      '\\dt',
      '\\dv',
      '\\dn',
      '\\d',
    ]) {
      const {theirs, ours} = await both(`${command}\n`)
      const words = (text: string): string[] =>
        text
          .split('\n')
          .map((line) => line.replaceAll(/[\s|+-]+/g, ' ').trim())
          .filter((line) => line !== '')
      const missing = words(theirs).filter((line) => !words(ours).includes(line))
      expect([command, missing]).toEqual([command, []])
    }
  })
})
