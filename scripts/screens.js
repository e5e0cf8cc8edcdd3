// npm run docs:screens: runs the program in a terminal against a temporary server and writes the screens to docs/screens/
// as SVG. Each picture has its own background, so that it can be read on light and dark pages.
import {spawnSync} from 'node:child_process'
import {chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {spawn} from '@lydell/node-pty'
import headless from '@xterm/headless'
import pg from 'pg'
import {renderScreen} from './screen-svg.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const screens = join(root, 'docs', 'screens')
const program = join(root, 'bin', 'run.js')

/** Runs one command line in a terminal of this width; resolves with the emulator at the end. */
async function run(args, columns, cwd, env) {
  const emulator = new headless.Terminal({cols: columns, rows: 60, allowProposedApi: true})
  const write = (text) => new Promise((resolve) => emulator.write(text, resolve))
  await write(`\u001B[32m$\u001B[39m \u001B[1mcruddur-db ${args.join(' ')}\u001B[22m\r\n`)
  const {PATH} = process.env
  const child = spawn(process.execPath, [program, ...args], {
    name: 'xterm-256color',
    cols: columns,
    rows: 60,
    cwd,
    env: {PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', ...env},
  })
  const written = []
  child.onData((data) => written.push(write(data)))
  await new Promise((resolve) => child.onExit(resolve))
  await Promise.all(written)
  return emulator
}

/** Opens sessions as in a database in use: one session waits for another, which is idle in a transaction. */
async function occupy(url) {
  const open = async (application_name) => {
    const client = new pg.Client({connectionString: url, application_name})
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const like = 'update activities set likes_count = likes_count + 1'
  const api = await open('api')
  await api.query('begin')
  await api.query(like)
  const worker = await open('worker')
  worker.query(like).catch(() => undefined)
  const psql = await open('psql')
  await psql.query('select count(*) from activities')
  const report = await open('report')
  report.query('select pg_sleep(600)').catch(() => undefined)
  // Wait until the server shows the session as waiting.
  for (let waiting = false; !waiting;) {
    const {rows} = await psql.query(
      "select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'worker'",
    )
    waiting = rows.length > 0
  }

  await psql.query('select count(*) from activities')
}

/** Starts the server at the port that most users have, or at the next free one; returns its URL. */
function startServer(env, port = 15_432) {
  const {stdout} = spawnSync(process.execPath, [program, 'server:start', '--json', '--port', String(port)], {
    cwd: project,
    env: {PATH: process.env.PATH, ...env},
    encoding: 'utf8',
  })
  const {result, error} = JSON.parse(stdout)
  if (error?.code === 'port_taken') return startServer(env, port + 1)
  if (error !== undefined) throw new Error(error.message)
  return result.url
}

const folder = mkdtempSync(join(tmpdir(), 'cruddur-screens-'))
const home = join(folder, 'home')
// The database gets the name of this folder.
const project = join(folder, 'cruddur')
mkdirSync(home)
mkdirSync(project)
// For root, the server runs under another account, which must be able to read its data.
for (const path of [folder, home]) chmodSync(path, 0o755)
cpSync(join(root, 'sql'), join(project, 'sql'), {recursive: true})
writeFileSync(
  join(project, 'draft.sql'),
  'create table tags (\n  name text primary key\n);\n\ncreate tabel taggings (\n  name text references tags\n);\n',
)
const env = {CRUDDUR_DB_HOME: home}
const shots = [
  ['setup', 100, ['setup']],
  ['sessions', 120, ['sessions']],
  ['doctor', 100, ['doctor']],
  ['sql-error', 100, ['schema:load', '--file', 'draft.sql']],
]

try {
  const url = startServer(env)
  mkdirSync(screens, {recursive: true})
  for (const [name, columns, args] of shots) {
    if (name === 'sessions') await occupy(url)
    const emulator = await run(args, columns, project, env)
    const svg = renderScreen(emulator, `cruddur-db ${args.join(' ')}`)
    if (svg.includes(folder)) throw new Error(`${name} contains a path of this machine`)
    writeFileSync(join(screens, `${name}.svg`), svg)
    process.stdout.write(`docs/screens/${name}.svg  ${svg.length} bytes\n`)
  }
} finally {
  spawnSync(process.execPath, [program, 'server:stop'], {env: {PATH: process.env.PATH, ...env}})
  rmSync(folder, {recursive: true, force: true})
}
