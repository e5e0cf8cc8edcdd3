import {spawnSync} from 'node:child_process'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {build} from 'esbuild'
import pg from 'pg'
import {compare, goal, median, node} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))

/** A look beside bare node, the query's own cost by EXPLAIN, and the work of one redraw of the live view. */
export default async function sessions(url) {
  const connectionString = url.withDatabase('postgres').toStringWithPassword()
  const clients = await crowd(connectionString)
  compare(`sessions, with ${clients.length} connected`, 'node -e 0', {
    'node -e 0': node(['-e', '0']),
    sessions: node([program, 'sessions'], {CONNECTION_URL: connectionString}),
  })
  await explain(clients[0])
  await Promise.all(clients.map((client) => client.end()))
  await redraw()
}

async function crowd(connectionString) {
  const clients = Array.from({length: 80}, () => new pg.Client({connectionString}))
  for (const client of clients) await client.connect()
  return clients
}

/** What the server does for one look: without anyone who waits, and with some who do. */
async function explain(client) {
  const [sessions, databases, locks] = await Promise.all(['sessions', 'databases', 'locks'].map(sqlOf))
  const look = [
    [sessions, [1000]],
    [databases, []],
  ]
  console.log(`\nThe queries on the server, nobody waiting: ${await cost(client, look)}`)
  const {
    connectionParameters: {host, port, user, password, database},
  } = client
  const holder = new pg.Client({host, port, user, password, database})
  const waiting = Array.from({length: 14}, () => new pg.Client({host, port, user, password, database}))
  for (const each of [holder, ...waiting]) await each.connect()
  await holder.query('select pg_advisory_lock(4711)')
  const locked = waiting.map((each) => each.query('select pg_advisory_lock_shared(4711)'))
  let pids = []
  while (pids.length < waiting.length) {
    const {rows} = await client.query("select pid from pg_stat_activity where wait_event_type = 'Lock'")
    pids = rows.map(({pid}) => pid)
  }
  console.log(`The same, ${waiting.length} waiting for a lock: ${await cost(client, [...look, [locks, [pids]]])}`)
  await holder.end()
  await Promise.all(locked)
  await Promise.all(waiting.map((each) => each.end()))
}

function sqlOf(name) {
  return readFile(new URL(`../../../sql/catalog/${name}.sql`, import.meta.url), 'utf8')
}

/** The medians of what queries take together. */
async function cost(client, queries) {
  const rounds = []
  for (let round = 0; round < 30; round += 1) {
    const plans = []
    for (const [sql, values] of queries) {
      const {rows} = await client.query(`explain (analyze, timing off, format json) ${sql}`, values)
      plans.push(rows[0]['QUERY PLAN'][0])
    }

    rounds.push(plans)
  }

  const time = (kind) => median(rounds.map((plans) => plans.reduce((sum, plan) => sum + plan[kind], 0))).toFixed(2)
  return `planning ${time('Planning Time')} ms, execution ${time('Execution Time')} ms`
}

/** Taking in 5,000 sessions, sorting and drawing them, as it is after one answer. */
async function redraw() {
  const folder = await mkdtemp(join(tmpdir(), 'cruddur-db-bench-'))
  try {
    // The view's code as the program has it: bundled, and not yet run.
    const outfile = join(folder, 'view.cjs')
    const contents = ['state', 'view', 'keys'].map((file) => `export * from './${file}.ts'`).join('\n')
    const resolveDir = fileURLToPath(new URL('../../../src/lib/sessions/watch', import.meta.url))
    await build({stdin: {contents, resolveDir}, bundle: true, minify: true, platform: 'node', outfile})
    const {stdout} = spawnSync(
      process.execPath,
      ['--expose-gc', fileURLToPath(new URL('../redraw.js', import.meta.url)), outfile],
      {encoding: 'utf8'},
    )
    const {looks, keys} = JSON.parse(stdout)
    console.log(
      `\nRedraw with 5,000 sessions: median ${median(looks).toFixed(1)} ms after a look, ${median(keys).toFixed(1)} ms after a key`,
    )
    goal('worst redraw after a look', Math.max(...looks), 50, 'ms')
    goal('worst redraw after a key', Math.max(...keys), 50, 'ms')
  } finally {
    await rm(folder, {recursive: true})
  }
}
