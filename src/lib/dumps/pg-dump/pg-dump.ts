import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {Worker} from 'node:worker_threads'
import {packageRoot} from '../../package-root.js'
import {reportedSettings} from '../../postgres/connect/connect.js'
import type {PostgresClient} from '../../postgres/connect/postgres-client.js'
import type {RawAnswer} from '../../postgres/wire/raw-exchange.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {dumpFailure, lockWaitSeconds} from './dump-failure.js'
import type {WorkerInput, WorkerMessage, WorkerTask} from './messages.js'
import {Questions} from './questions.js'
import {messageOf} from './protocol-message.js'

/** The newest server that the pg_dump in dist/ can dump. */
export const newestServer = 18

/** What pg_dump writes into its text between `\restrict` and `\unrestrict`. It is random otherwise. */
export const restrictKey = 'cruddur'

/** The arguments of every dump. */
export const fixedArgs: readonly string[] = [
  '--encoding=UTF8',
  `--lock-wait-timeout=${lockWaitSeconds}s`,
  `--restrict-key=${restrictKey}`,
]

/** pg_dump, which begins to load before there is a session, because both take about the same time. */
export class PgDump {
  static #preloaded: PgDump | undefined
  static #loaded = 0
  static #module: WebAssembly.Module | undefined
  readonly #sent = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #worker: Worker
  readonly #lost: Promise<never>

  private constructor() {
    const workerData: WorkerInput = {sent: this.#sent, module: PgDump.#shared()}
    this.#worker = new Worker(join(packageRoot(), 'dist', 'pg-dump.cjs'), {workerData})
    this.#lost = new Promise((_resolve, reject) => {
      this.#worker
        .on('error', reject)
        .on('exit', (code) => reject(new Error(`the thread of pg_dump ended with ${code}`)))
    })
    this.#lost.catch(() => undefined)
  }

  /**
   * A command that runs pg_dump again and again, for example for trials, compiles it once for all runs but the first, which
   * begins sooner without it. They share what the engine has optimized, too.
   */
  static #shared(): WebAssembly.Module | undefined {
    if (PgDump.#loaded++ === 0) return undefined
    const path = join(packageRoot(), 'dist', 'pg_dump.wasm')
    return (PgDump.#module ??= new WebAssembly.Module(readFileSync(path)))
  }

  /** Begins to load pg_dump before the command itself is loaded, for the first {@link load}. */
  static preload(): void {
    PgDump.#preloaded = new PgDump()
  }

  /** Loads pg_dump, and ends it when `use` has ended. */
  static async load<T>(use: (pgDump: PgDump) => Promise<T>): Promise<T> {
    const pgDump = PgDump.#preloaded ?? new PgDump()
    PgDump.#preloaded = undefined
    try {
      return await use(pgDump)
    } finally {
      await pgDump.#worker.terminate()
    }
  }

  /**
   * Runs pg_dump, once, on the session of `client`, which it changes, so the session is not to be used for anything else.
   * Returns what pg_dump writes.
   * @throws SqlError (`dump_failed` or a SQLSTATE), StateError (`tables_locked`), and the error of a lost connection
   */
  async run(client: PostgresClient, url: ConnectionUrl, args: readonly string[]): Promise<string> {
    const task: WorkerTask = {args: [...fixedArgs, ...args], login: loginAnswer(reportedSettings(client))}
    const questions = new Questions(client)
    const text = new Promise<string>((resolve, reject) => {
      let refused: RawAnswer['error']
      const serve = async (message: WorkerMessage): Promise<void> => {
        if (message.kind === 'done') return resolve(Buffer.from(message.text.buffer).toString())
        if (message.kind === 'failed') return reject(dumpFailure(message.said, refused, url))
        const {answer, error} = await questions.ask(message.bytes)
        refused = error
        this.#send(answer)
      }
      this.#worker.on('message', (message: WorkerMessage) => void serve(message).catch(reject))
    })
    this.#send(task)
    return Promise.race([text, this.#lost])
  }

  #send(message: WorkerTask | Uint8Array): void {
    this.#worker.postMessage(message)
    Atomics.add(this.#sent, 0, 1)
    Atomics.notify(this.#sent, 0)
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
