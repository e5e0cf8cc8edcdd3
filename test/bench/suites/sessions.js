import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {Chalk} from 'chalk'
import pg from 'pg'
import {tsImport} from 'tsx/esm/api'
import {compare, median, node} from '../measure.js'

const program = fileURLToPath(new URL('../../../bin/run.js', import.meta.url))
const source = (path) => tsImport(`../../../src/lib/${path}.ts`, import.meta.url)

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
  const sql = (await readFile(new URL('../../../sql/catalog/sessions.sql', import.meta.url), 'utf8')).replaceAll(/\$[12]/g, 'null')
  const cost = async () => {
    const plans = []
    for (let round = 0; round < 30; round += 1) {
      const {rows} = await client.query(`explain (analyze, timing off, format json) ${sql}`)
      plans.push(rows[0]['QUERY PLAN'][0])
    }

    return `planning ${median(plans.map((plan) => plan['Planning Time'])).toFixed(2)} ms, execution ${median(plans.map((plan) => plan['Execution Time'])).toFixed(2)} ms`
  }
  console.log(`\nThe query on the server, nobody waiting: ${await cost()}`)
  const {connectionParameters: {host, port, user, password, database}} = client
  const holder = new pg.Client({host, port, user, password, database})
  const waiting = Array.from({length: 14}, () => new pg.Client({host, port, user, password, database}))
  for (const each of [holder, ...waiting]) await each.connect()
  await holder.query('select pg_advisory_lock(4711)')
  const locked = waiting.map((each) => each.query('select pg_advisory_lock_shared(4711)'))
  while ((await client.query("select from pg_stat_activity where wait_event_type = 'Lock'")).rowCount < waiting.length);
  console.log(`The same, ${waiting.length} waiting for a lock: ${await cost()}`)
  await holder.end()
  await Promise.all(locked)
  await Promise.all(waiting.map((each) => each.end()))
}

/** 5,000 sessions, a tenth of them new at each look: taking them in, sorting and drawing, as it is after one answer. */
async function redraw() {
  const {initialState, receive} = await source('cli/watch/state')
  const {render} = await source('cli/watch/view')
  const {press} = await source('cli/watch/keys')
  const style = new Chalk({level: 1})
  let state = initialState({label: 'local', size: {columns: 160, rows: 50}, interval: 2, all: false, filter: {}})
  const taking = []
  const moving = []
  for (let look = 0; look < 40; look += 1) {
    const overview = {sessions: synthetic(look), role: 'app', superuser: false, closed: {closed: look * 500, abandoned: 0, fatal: 0, killed: 0}}
    const start = process.cpuUsage()
    state = receive(state, overview, undefined, look * 2000)
    render(state, style, look * 2000)
    taking.push(work(start))
    const key = process.cpuUsage()
    state = press(state, 'j', look * 2000).state
    render(state, style, look * 2000)
    moving.push(work(key))
  }

  const worst = (times) => `median ${median(times).toFixed(1)} ms, worst ${Math.max(...times).toFixed(1)} ms`
  console.log(`\nRedraw with 5,000 sessions after a look: ${worst(taking)}; after a key: ${worst(moving)} (bar: 50 ms)`)
}

/** Processor time since then, in milliseconds: what others do on the machine is not in it. */
function work(since) {
  const {user, system} = process.cpuUsage(since)
  return (user + system) / 1000
}

function synthetic(look) {
  return Array.from({length: 5000}, (_, index) => {
    const pid = index % 10 === 0 ? 100_000 + look * 5000 + index : 1000 + index
    const blocked = index % 50 === 7
    return {
      pid, user: `user${index % 7}`, database: `db${index % 5}`, client: `10.0.0.${index % 250}:${30_000 + index}`, here: false,
      application: index % 3 === 0 ? 'node api/server.js' : '', program: index % 3 === 0 ? 'Node' : '', state: ['idle', 'active', 'idle in transaction'][index % 3],
      seconds: index / 7, transactionSeconds: index % 3 === 0 ? null : index / 5, connectedSeconds: 9000, backendStart: `2026-01-01T00:00:00.${pid}Z`, stateSince: '2026-01-01T00:00:00Z',
      waitType: blocked ? 'Lock' : 'Client', waitEvent: blocked ? 'transactionid' : 'ClientRead', lock: blocked ? {kind: 'transactionid', mode: 'ShareLock', relation: 'activities'} : null,
      blockedBy: blocked ? [1000 + index - 1] : [], superuser: false, hidden: false, query: `select * from activities where message like '%${index}%' order by created_at desc`, backend: 'client backend',
    }
  })
}
