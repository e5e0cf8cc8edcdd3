import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import pg from 'pg'
import {compare, goal, shell} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/** A database of some 300 MB from SQL, and from the cache. */
export default async function cache(url) {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-bench-'))
  mkdirSync(join(folder, 'sql'))
  writeFileSync(
    join(folder, 'sql', 'schema.sql'),
    'create table notes (id int primary key, at timestamptz default now(), note text);',
  )
  writeFileSync(
    join(folder, 'sql', 'seed.sql'),
    "insert into notes (id, note) select n, md5(n::text) || repeat('x', 300) from generate_series(1, 375000) n; create index on notes (note);",
  )
  const CONNECTION_URL = url.withDatabase('bench_cache').toStringWithPassword()
  const inFolder = (flags) =>
    shell(`cd "$FOLDER" && exec "$NODE" "$PROGRAM" setup ${flags}`, {
      NODE: process.execPath,
      PROGRAM: program,
      FOLDER: folder,
      CONNECTION_URL,
    })
  try {
    const ratios = compare(
      'setup of 300 MB',
      'setup',
      {setup: inFolder(''), 'setup --cached, after the first': inFolder('--cached')},
      3,
    )
    // 0.08 where the file system clones.
    goal('setup --cached the second time, of setup', ratios['setup --cached, after the first'], 0.2)
    const client = new pg.Client({connectionString: CONNECTION_URL})
    await client.connect()
    const {
      rows: [{size}],
    } = await client.query("select pg_size_pretty(pg_database_size('bench_cache')) as size")
    await client.end()
    console.log(`The database has ${size}.`)
  } finally {
    for (const args of [
      ['cache', '--clear'],
      ['undo', '--discard'],
      ['drop', '--force'],
    ]) {
      spawnSync(process.execPath, [program, ...args], {env: {PATH: process.env.PATH, CONNECTION_URL}})
    }

    rmSync(folder, {recursive: true})
  }
}
