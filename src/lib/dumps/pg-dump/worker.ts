import {pgDump} from '@electric-sql/pglite-tools/pg_dump'
import {isMainThread, parentPort, receiveMessageOnPort, workerData} from 'node:worker_threads'
import {FrontendMessages} from './frontend-messages.js'
import type {WorkerInput, WorkerMessage} from './messages.js'

/**
 * Runs pg_dump, compiled to WebAssembly, in a thread of its own, because it waits for each answer of the server. It speaks
 * the protocol of Postgres itself: its login is answered here, and everything else by the server, through a connection of
 * the main thread.
 */
async function run(): Promise<void> {
  const {args, login, answers} = workerData as WorkerInput
  const messages = new FrontendMessages()
  let seen = 0
  let loggedIn = false

  /** Blocks the thread until the answer is there. */
  const exchange = (bytes: Uint8Array): Uint8Array => {
    post({kind: 'send', bytes})
    for (;;) {
      const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort)
      if (received !== undefined) return received.message as Uint8Array
      Atomics.wait(answers, 0, seen)
      seen = Atomics.load(answers, 0)
    }
  }

  // The part of PGlite that pgDump uses.
  const server = {
    query: () => Promise.resolve({rows: [{search_path: ''}]}),
    exec: () => Promise.resolve([]),
    execProtocolRawStream(bytes: Uint8Array, {onRawData}: {onRawData: (bytes: Uint8Array) => void}) {
      if (!loggedIn) {
        loggedIn = true
        onRawData(login)
        return
      }
      const query = messages.push(bytes)
      if (query !== undefined) onRawData(exchange(query))
    },
  }
  const file = await pgDump({pg: server as never, args})
  post({kind: 'done', text: await file.text()})
}

function post(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}

if (!isMainThread)
  run().catch((error: unknown) =>
    post({kind: 'failed', message: error instanceof Error ? error.message : String(error)}),
  )
