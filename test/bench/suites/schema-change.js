import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {compareWork, goal} from '../measure.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const program = join(root, 'bin', 'run.js')

/** What the proof of `migrate:new --diff` adds to `schema:diff`, for the Cruddur schema and for 300 tables. */
export default async function schemaChange(url) {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-db-bench-change-'))
  const env = {
    PATH: process.env.PATH,
    CONNECTION_URL: url.withDatabase('postgres').toStringWithPassword(),
    CRUDDUR_DB_HOME: join(folder, 'none'),
  }
  const measure = async (title, old, wanted, rounds) => {
    const cwd = mkdtempSync(join(folder, 'pair-'))
    mkdirSync(join(cwd, 'sql', 'migrations'), {recursive: true})
    writeFileSync(join(cwd, 'old.sql'), old)
    writeFileSync(join(cwd, 'sql', 'schema.sql'), wanted)
    const migration = '20260101000000_first.sql'
    const run =
      (status, ...args) =>
      async () => {
        rmSync(join(cwd, 'sql', 'migrations'), {recursive: true})
        mkdirSync(join(cwd, 'sql', 'migrations'))
        writeFileSync(join(cwd, 'sql', 'migrations', migration), `-- migrate:up\n${old}\n-- migrate:down\n`)
        const done = spawnSync(process.execPath, [program, ...args], {cwd, env, encoding: 'utf8'})
        if (done.status !== status) throw new Error(`${args.join(' ')}: ${done.stderr}`)
      }
    const times = await compareWork(
      title,
      'schema:diff',
      {
        'schema:diff': run(9, 'schema:diff', './old.sql', './sql/schema.sql'),
        'schema:diff --sql': run(0, 'schema:diff', './old.sql', './sql/schema.sql', '--sql'),
        'migrate:new --diff': run(0, 'migrate:new', 'change', '--diff'),
      },
      rounds,
    )
    const median = (name) => [...times[name]].sort((a, b) => a - b)[Math.floor(times[name].length / 2)]
    return {proof: median('schema:diff --sql') - median('schema:diff'), whole: median('migrate:new --diff')}
  }
  try {
    const old = readFileSync(join(root, 'sql', 'schema.sql'), 'utf8')
    const column = old.replace(
      /^ {2}check \(expires_at > created_at\)$/m,
      '$&,\n  pinned boolean not null default false',
    )
    const wanted = `${column}create index activities_pinned on activities (pinned);\n`
    const small = await measure('The Cruddur schema, with another column and index', old, wanted, 5)
    goal('the proof of a change of the Cruddur schema', small.proof, 2, 's')
    const large = await measure('300 tables, 30 of which change', tables(''), tables(", added text default 'x'"), 2)
    goal('migrate:new --diff, 300 tables', large.whole, 10, 's')
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

/** A chain of tables. Every tenth has more. */
function tables(more) {
  return Array.from({length: 300}, (_, n) => {
    const parent = n === 0 ? '' : ` references t${n - 1}`
    return `create table t${n} (
  id bigint generated always as identity primary key, name text not null, email varchar(100),
  amount numeric(10,2) default 0 check (amount >= 0), created timestamptz not null default now(),
  parent bigint${parent}, kind int, note text${n % 10 === 0 ? more : ''}
);
create index t${n}_name on t${n} (name);
create index t${n}_parent on t${n} (parent);
comment on table t${n} is 'table ${n}';
`
  }).join('')
}
