import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {compare, goal, installed, instructions, node} from '../measure.js'
import {throughProxy} from '../slow-network.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const count = 100

/** A hundred migrations beside dbmate, near and far; and none that is pending, beside bare node. */
export default async function migrate(url) {
  const cwd = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-migrations-'))
  try {
    writeMigrations(cwd)
    if (installed('dbmate')) {
      const near = beside(`${count} pending migrations`, url, url, cwd, 7)
      goal(`migrate, ${count} pending, loopback, of dbmate`, near, 1)
      await throughProxy(url, 10, (slow) => {
        const far = beside(`${count} pending migrations over a 20 ms round trip`, url, slow, cwd, 3)
        goal(`migrate, ${count} pending, 20 ms, of dbmate`, far, 0.6)
      })
    } else console.log('\ndbmate is not installed: migrate is not compared with it. Its file may be named in DBMATE.')
    nothingPending(url.withDatabase('bench_migrate').toStringWithPassword(), cwd)
  } finally {
    rmSync(cwd, {recursive: true, force: true})
  }
}

/** Each has a database of its own, which is new for each run. */
function beside(title, direct, url, cwd, rounds) {
  const databases = {dbmate: 'bench_migrate_dbmate', migrate: 'bench_migrate'}
  const at = (name) => url.withDatabase(name).toStringWithPassword()
  const before = (name) => () => renew(direct.withDatabase(name).toStringWithPassword())
  const ratios = compare(
    title,
    'dbmate',
    {
      dbmate: {
        program: 'dbmate',
        args: ['--no-dump-schema', '--migrations-dir', 'sql/migrations', 'migrate'],
        env: {DATABASE_URL: `${at(databases.dbmate)}?sslmode=disable`},
        ...{cwd, before: before(databases.dbmate)},
      },
      migrate: {
        ...node([program, 'migrate'], {CONNECTION_URL: at(databases.migrate)}),
        ...{cwd, before: before(databases.migrate)},
      },
    },
    rounds,
  )
  return ratios.migrate
}

function nothingPending(CONNECTION_URL, cwd) {
  renew(CONNECTION_URL)
  run(['migrate'], {CONNECTION_URL}, cwd)
  const commands = {
    'node -e 0': node(['-e', '0']),
    sessions: node([program, 'sessions'], {CONNECTION_URL}),
    'migrate, nothing pending': {...node([program, 'migrate'], {CONNECTION_URL}), cwd},
  }
  const title = `migrate with ${count} files, nothing pending`
  const ratios = compare(title, 'node -e 0', commands)
  goal('migrate, nothing pending, of node -e 0', ratios['migrate, nothing pending'], 3)
  instructions(title, 'node -e 0', commands)
}

function writeMigrations(folder) {
  const place = join(folder, 'sql', 'migrations')
  mkdirSync(place, {recursive: true})
  for (let n = 1; n <= count; n += 1) {
    const up = `create table t${n} (id bigint primary key, name text not null, at timestamptz default now());`
    const text = `-- migrate:up\n${up}\n\n-- migrate:down\ndrop table t${n};\n`
    writeFileSync(join(place, `${20260101000000 + n}_table_${n}.sql`), text)
  }
}

function renew(CONNECTION_URL) {
  run(['drop', '--force'], {CONNECTION_URL})
  run(['create'], {CONNECTION_URL})
}

function run(args, env, cwd) {
  const {status, stderr} = spawnSync(process.execPath, [program, ...args], {
    env: {PATH: process.env.PATH, ...env},
    cwd,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}
