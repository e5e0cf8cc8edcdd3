// Clients of a database that connect, ask and leave without pause, in a thread of their own: the benchmark waits for its
// children without turning the event loop.
import {once} from 'node:events'
import {isMainThread, parentPort, Worker, workerData} from 'node:worker_threads'
import pg from 'pg'
import {median} from './measure.js'

/**
 * Runs `use` while `count` clients read. `use` gets a function that returns, once every client has had another answer, the
 * longest time that one of them waited when another database came to stand under the name, in seconds.
 */
export async function withClients(connectionString, count, use) {
  const worker = new Worker(new URL(import.meta.url), {workerData: {connectionString, count}})
  const ask = async () => {
    worker.postMessage('report')
    const [waited] = await once(worker, 'message')
    return waited
  }
  try {
    await ask()
    await use(ask)
  } finally {
    await worker.terminate()
  }
}

if (!isMainThread && workerData?.count !== undefined) {
  const clients = Array.from({length: workerData.count}, () => ({
    last: undefined,
    spans: [],
    waited: 0,
    wanted: 0,
    answers: 0,
  }))
  for (const client of clients) void read(client)
  parentPort.on('message', async () => {
    for (const client of clients) client.wanted = client.answers + 2
    while (clients.some(({answers, wanted}) => answers < wanted)) await new Promise((resolve) => setTimeout(resolve, 5))
    parentPort.postMessage(Math.max(...clients.map(({waited}) => waited)))
    for (const client of clients) client.waited = 0
  })
}

/** Only a whole database gives a good answer: the seed comes last. */
async function read(client) {
  for (;;) {
    const connection = new pg.Client({connectionString: workerData.connectionString})
    connection.on('error', () => undefined)
    try {
      await connection.connect()
      const {
        rows: [{oid, n}],
      } = await connection.query(
        'select oid, (select count(*)::int from activities) as n from pg_database where datname = current_database()',
      )
      if (n === 4) note(client, oid)
      await connection.end()
    } catch {
      connection.end().catch(() => undefined)
    }
  }
}

function note(client, oid) {
  const at = performance.now()
  const {last, spans} = client
  client.last = {at, oid}
  client.answers += 1
  if (last === undefined) return
  const span = (at - last.at) / 1000
  if (last.oid !== oid) client.waited = Math.max(client.waited, span - (spans.length > 0 ? median(spans) : 0))
  else if (spans.push(span) > 50) spans.shift()
}
