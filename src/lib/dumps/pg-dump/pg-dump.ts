import {join} from 'node:path'
import {Worker} from 'node:worker_threads'
import {packageRoot} from '../../package-root.js'
import {reportedSettings} from '../../postgres/connect/connect.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import {exchangeRaw, type RawAnswer} from '../../postgres/wire/raw-exchange.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {dumpFailure, lockWaitSeconds} from './dump-failure.js'
import type {WorkerInput, WorkerMessage} from './messages.js'

/** The newest server that the pg_dump in dist/ can dump. */
export const newestServer = 18

/**
 * Runs pg_dump on the session of `client`, which it changes, so the session is not to be used for anything else. Returns
 * what pg_dump writes.
 * @throws SqlError (`dump_failed` or a SQLSTATE), StateError (`tables_locked`), and the error of a lost connection
 */
export async function pgDump(client: PostgresClient, url: ConnectionUrl, args: readonly string[]): Promise<string> {
  const answers = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const fixed = ['--encoding=UTF8', `--lock-wait-timeout=${lockWaitSeconds}s`]
  const input: WorkerInput = {args: [...fixed, ...args], login: loginAnswer(reportedSettings(client)), answers}
  const worker = new Worker(join(packageRoot(), 'dist', 'pg-dump.cjs'), {workerData: input})
  try {
    return await new Promise<string>((resolve, reject) => {
      let refused: RawAnswer['error']
      const serve = async (message: WorkerMessage): Promise<void> => {
        if (message.kind === 'done') return resolve(message.text)
        if (message.kind === 'failed') return reject(dumpFailure(message.message, refused, url))
        const {answer, error} = await exchangeRaw(client, message.bytes)
        refused = error
        worker.postMessage(answer)
        Atomics.add(answers, 0, 1)
        Atomics.notify(answers, 0)
      }
      worker
        .on('message', (message: WorkerMessage) => void serve(message).catch(reject))
        .on('error', reject)
        .on('exit', (code) => reject(new Error(`the thread of pg_dump ended with ${code}`)))
    })
  } finally {
    await worker.terminate()
  }
}

/**
 * The messages with which a server answers a login: AuthenticationOk, its settings, ReadyForQuery
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP).
 */
function loginAnswer(settings: ReadonlyMap<string, string>): Buffer {
  const authenticated = messageOf('R', Buffer.alloc(4))
  const said = [...settings].map(([name, value]) => messageOf('S', Buffer.from(`${name}\0${value}\0`)))
  return Buffer.concat([authenticated, ...said, messageOf('Z', Buffer.from('I'))])
}

function messageOf(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}
