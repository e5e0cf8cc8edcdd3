import {createPgDump, type PgDumpModule, type PgDumpOptions} from '@electric-sql/pglite-tools/pg-dump-module'
import {isMainThread, parentPort, receiveMessageOnPort, workerData} from 'node:worker_threads'
import {FrontendMessages} from './frontend-messages.js'
import type {WorkerInput, WorkerMessage, WorkerTask} from './messages.js'

/** A file in the memory of pg_dump. */
const output = '/tmp/out.sql'

/**
 * Runs pg_dump, compiled to WebAssembly, in a thread of its own, because it waits for each answer of the server. It speaks
 * the protocol of Postgres itself: its login is answered here, and everything else by the server, through a connection of
 * the main thread.
 */
async function run({sent, module: compiled}: WorkerInput): Promise<void> {
  const said: string[] = []
  const module = await createPgDump({
    thisProgram: 'pg_dump',
    print: () => undefined,
    printErr: (line) => said.push(line),
    ...(compiled && {instantiateWasm: (imports, done) => instantiate(compiled, imports, done)}),
  })
  const next = receiver(sent)
  const {args, login} = next() as WorkerTask
  serve(module, login, next as () => Uint8Array)
  const status = module.callMain([...args, '--username=postgres', `--file=${output}`])
  if (status !== 0) return post({kind: 'failed', said: said.join('\n')})
  const text = module.FS.readFile(output)
  post({kind: 'done', text}, [text.buffer])
}

const instantiate: (
  module: WebAssembly.Module,
  ...args: Parameters<NonNullable<PgDumpOptions['instantiateWasm']>>
) => object = (module, imports, done) => {
  done(new WebAssembly.Instance(module, imports), module)
  return {}
}

/** Returns a function that blocks the thread until there is a message, and returns it. */
function receiver(sent: Int32Array): () => unknown {
  let seen = 0
  return () => {
    for (;;) {
      const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort)
      if (received !== undefined) return received.message as unknown
      Atomics.wait(sent, 0, seen)
      seen = Atomics.load(sent, 0)
    }
  }
}

/** Gives libpq its connection. It reads an answer in parts, and nothing more once it has all of it. */
function serve(module: PgDumpModule, login: Uint8Array, answer: () => Uint8Array): void {
  const messages = new FrontendMessages()
  let unread: Uint8Array | undefined
  const send = module.addFunction((pointer, length) => {
    // The first message is the startup packet, which has another form.
    if (unread === undefined) unread = login
    else {
      const query = messages.push(module.HEAPU8.subarray(pointer, pointer + length))
      if (query !== undefined) {
        post({kind: 'send', bytes: query})
        unread = answer()
      }
    }

    return length
  }, 'iii')
  const receive = module.addFunction((pointer, length) => {
    const part = unread?.subarray(0, length) ?? new Uint8Array()
    module.HEAPU8.set(part, pointer)
    unread = unread?.subarray(part.length)
    return part.length
  }, 'iii')
  module._pgl_set_rw_cbs(receive, send)
}

function post(message: WorkerMessage, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred)
}

if (!isMainThread) void run(workerData as WorkerInput)
