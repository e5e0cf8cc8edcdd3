import {closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync} from 'node:fs'
import {spawnSync} from 'node:child_process'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {compare, goal, installed, node, shell} from '../measure.js'
import {throughProxy} from '../slow-network.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const megabyte = 1e6

/** SQL files beside `psql -f`: small statements, a slow network, large INSERTs, COPY; and the memory of a large file. */
export default async function script(url) {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-sql-'))
  const at = (target) => ({CONNECTION_URL: target.toStringWithPassword()})
  const database = url.withDatabase('bench_script')
  run([program, 'create'], at(database))
  try {
    const small = write(folder, 'small.sql', smallStatements(50_000))
    const few = write(folder, 'few.sql', smallStatements(500))
    const inserts = write(folder, 'inserts.sql', multiRowInserts(100 * megabyte))
    const copy = write(folder, 'copy.sql', copyData(200 * megabyte))
    if (installed('psql')) {
      beside('50,000 small statements', small, database, 7)
      await throughProxy(database, 10, (slow) => beside('500 statements over a 20 ms round trip', few, slow, 3))
      beside('100 MB of multi-row INSERTs', inserts, database, 5)
      const ratios = beside('200 MB of COPY data', copy, database, 7)
      goal('200 MB of COPY data, of psql', ratios['cruddur-db'], 1.05)
    } else console.log('\npsql is not installed: SQL files are not compared with it.')
    memory('1 GB of COPY data', write(folder, 'large.sql', copyData(1000 * megabyte)), at(database))
    memory('1 GB of INSERTs', write(folder, 'large.sql', multiRowInserts(1000 * megabyte)), at(database))
  } finally {
    run([program, 'drop', '--force'], at(database))
    rmSync(folder, {recursive: true, force: true})
  }
}

function beside(title, file, url, rounds) {
  const {host, port} = url.primary
  const pg = {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: url.user,
    PGPASSWORD: url.password,
    PGDATABASE: url.database,
    FILE: file,
  }
  return compare(
    title,
    'psql',
    {
      psql: shell('psql -X -q -1 -v ON_ERROR_STOP=1 -f "$FILE" >/dev/null 2>&1', pg),
      'cruddur-db': node([program, 'schema:load', '--force', '--file', file], {
        CONNECTION_URL: url.toStringWithPassword(),
      }),
    },
    rounds,
  )
}

/** Peak resident memory, as the process itself has it from the system when it ends. */
function memory(title, file, env) {
  const report =
    "data:text/javascript,process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS))"
  const {stderr} = run([`--import=${report}`, program, 'schema:load', '--force', '--file', file], env)
  const peak = Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024
  console.log(`\n${title}, ${Math.round(statSync(file).size / megabyte)} MB: peak memory ${Math.round(peak)} MB`)
}

function run(args, env) {
  const result = spawnSync(process.execPath, args, {env: {PATH: process.env.PATH, ...env}, encoding: 'utf8'})
  if (result.status !== 0) throw new Error(result.stderr)
  return result
}

function write(folder, name, lines) {
  const path = join(folder, name)
  const file = openSync(path, 'w')
  let part = []
  for (const line of lines) {
    part.push(line)
    if (part.length === 10_000) {
      writeSync(file, part.join(''))
      part = []
    }
  }
  writeSync(file, part.join(''))
  closeSync(file)
  return path
}

const table = 'drop table if exists item;\ncreate table item (id bigint, name text, note text, amount numeric);\n'
const note = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit; sed do eiusmod.'

function* smallStatements(count) {
  yield table
  for (let id = 0; id < count; id++) yield `insert into item values (${id}, 'name ${id}', 'it''s ${id}', ${id}.5);\n`
}

function* multiRowInserts(bytes) {
  yield table
  for (let id = 0, written = 0; written < bytes;) {
    const rows = Array.from({length: 100}, () => `(${++id}, 'name ${id}', '${note}', ${id}.25)`)
    const statement = `insert into item (id, name, note, amount) values\n${rows.join(',\n')};\n`
    written += statement.length
    yield statement
  }
}

function* copyData(bytes) {
  yield `${table}copy item (id, name, note, amount) from stdin;\n`
  for (let id = 0, written = 0; written < bytes; id++) {
    const row = `${id}\tname ${id}\t${note}\t${id}.25\n`
    written += row.length
    yield row
  }
  yield '\\.\n'
}
