import {spawnSync} from 'node:child_process'
import {mkdtempSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {compare, goal, installed, node, shell} from '../measure.js'
import {throughProxy} from '../slow-network.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const psql = 'psql -X -q -v ON_ERROR_STOP=1'

/** `pull --all` beside the installed pg_dump and psql, and `snapshot` and its restore beside that pull. */
export default async function pull(url) {
  // pg_dump cannot read a newer server.
  const from = process.env.SCHEMA_DUMP_URL
  if (from === undefined || !installed('pg_dump') || !installed('psql'))
    return console.log('\npull: set SCHEMA_DUMP_URL to a database that the installed pg_dump can read.')
  const server = url.constructor.parse(from, 'SCHEMA_DUMP_URL')
  const large = tables(server, 'bench_pull_large', 20, 150_000)
  const near = beside('1 GB in 20 tables, loopback', url, large, 3)
  goal('pull of 1 GB, of pg_dump | psql', near.pull, 0.8)
  copies(url)
  const small = tables(server, 'bench_pull_small', 50, 20)
  await throughProxy(small, 10, (slow) => {
    const far = beside('50 small tables over a 20 ms round trip', url, slow, 5)
    goal('pull of 50 small tables, 20 ms, of pg_dump | psql', far.pull, 0.5)
  })
}

/** A database with as many tables, each with an index and a foreign key, and rows of some 330 bytes. */
function tables(server, name, count, rows) {
  const made = server.withDatabase(name)
  const script = Array.from(
    {length: count},
    (_, n) =>
      `create table t${n} (id bigint primary key, parent bigint${n === 0 ? '' : ` references t${n - 1}`}, body text, at timestamptz);
       insert into t${n} select g, g, repeat(md5(g::text), 9), now() from generate_series(1, ${rows}) as g;
       create index on t${n} (at);`,
  ).join('\n')
  run(`${psql} -d postgres -c 'drop database if exists ${name}' -c 'create database ${name}'`, server)
  run(`${psql} -d ${name} -f -`, server, script)
  return made
}

function run(script, url, input = '') {
  const {status, stderr} = spawnSync('sh', ['-ec', script], {
    env: {PATH: process.env.PATH, ...variables(url)},
    input,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}

function variables(url) {
  const {host, port} = url.primary
  return {PGHOST: host, PGPORT: String(port), PGUSER: url.user, PGPASSWORD: url.password}
}

function beside(title, url, source, rounds) {
  const to = url.withDatabase('bench_pulled')
  const plain = `PGHOST=${to.primary.host} PGPORT=${to.primary.port} PGUSER=${to.user} PGPASSWORD=${to.password} ${psql}`
  const cwd = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-pull-'))
  return compare(
    title,
    'pg_dump | psql',
    {
      'pg_dump | psql': shell(
        `${plain} -d postgres -c 'drop database if exists bench_plain' -c 'create database bench_plain'
         pg_dump --no-owner --no-privileges -d ${source.database} | ${plain} -d bench_plain`,
        variables(source),
      ),
      pull: {
        ...node([program, 'pull', 'prod', '--all', '--no-undo'], {
          CONNECTION_URL: to.toStringWithPassword(),
          PROD_CONNECTION_URL: source.toStringWithPassword(),
        }),
        cwd,
      },
    },
    rounds,
  )
}

/** Of the 1 GB that was pulled. */
function copies(url) {
  const env = {CONNECTION_URL: url.withDatabase('bench_pulled').toStringWithPassword()}
  compare(
    'snapshot and restore of what was pulled',
    'snapshot',
    {
      snapshot: node([program, 'snapshot', 'bench', '--replace'], env),
      'snapshot:restore': node([program, 'snapshot:restore', 'bench', '--no-undo'], env),
    },
    3,
  )
}
