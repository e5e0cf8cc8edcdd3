import {Client, DatabaseError} from 'pg'
import {ConnectionError, StateError} from '../../errors.js'
import type {AttemptOptions, Connected} from './attempt.js'
import {close} from './close.js'
import {clientConfig, openClient, timeoutSeconds} from './connect.js'
import {backendPid, socketOf} from './postgres-client.js'

/** If the URL has no time limit, a silent server is asked after this. */
const defaultSilenceSeconds = 10
/** The same once the user has interrupted the command, in milliseconds. */
const interruptedSilenceMs = 1500
const maxPauseMs = 300_000
const lookEveryMs = 250

/**
 * Ends a session whose server has stopped answering. A statement may take hours, and TCP does not notice a server that
 * hangs, or a proxy that has lost the session. So after some silence a second connection asks the server about it. If the
 * server does not answer that either, or says twice that the session is waiting for us, the connection is lost. The pauses
 * between questions grow.
 */
export function watchLiveness(connected: Connected, options: Pick<AttemptOptions, 'seconds' | 'signal'>): void {
  const watch = new LivenessWatch(connected, options)
  const {stream} = connected.client.connection
  const timer = setInterval(() => void watch.look(), lookEveryMs).unref()
  stream.once('close', () => clearInterval(timer))
}

class LivenessWatch {
  readonly #silenceMs: number
  readonly #signal: AbortSignal | undefined
  #progress = -1
  #since = 0
  #pauseMs = 0
  #waitedForUs = false
  #asking = false

  constructor(
    private readonly connected: Connected,
    {seconds = timeoutSeconds(connected.attempt.url), signal}: Pick<AttemptOptions, 'seconds' | 'signal'>,
  ) {
    this.#silenceMs = (seconds || defaultSilenceSeconds) * 1000
    this.#signal = signal
  }

  async look(): Promise<void> {
    if (this.#asking || !this.#isSilent()) return
    const limitMs = this.#signal?.aborted ? Math.min(interruptedSilenceMs, this.#silenceMs) : this.#silenceMs
    const pauseMs = this.#signal?.aborted ? limitMs : Math.max(limitMs, this.#pauseMs)
    if (performance.now() - this.#since < pauseMs) return
    this.#asking = true
    const found = await askAbout(this.connected, limitMs)
    this.#asking = false
    // Meanwhile it may have answered.
    if (!this.#isSilent()) return
    if (found === 'silent' || (found === 'waits for us' && this.#waitedForUs)) this.#drop()
    this.#waitedForUs = found === 'waits for us'
    this.#since = performance.now()
    this.#pauseMs = this.#waitedForUs ? limitMs : Math.min(pauseMs * 2, maxPauseMs)
  }

  /** Whether an answer is due and nothing has moved since the last look. */
  #isSilent(): boolean {
    const {client} = this.connected
    const stream = socketOf(client)
    const progress = stream.bytesRead + stream.bytesWritten - stream.writableLength
    // Bytes that no one reads are not missing.
    if (isWaiting(client) && !stream.isPaused() && progress === this.#progress) return true
    this.#progress = progress
    this.#since = performance.now()
    this.#pauseMs = 0
    this.#waitedForUs = false
    return false
  }

  #drop(): void {
    const {client, attempt} = this.connected
    const {host, port} = attempt.host
    const error = new ConnectionError(`The connection to ${host}:${port} was lost: the server has stopped answering.`, {
      code: 'connection_lost',
      next: ["Uncommitted changes are rolled back. Check the network and the server's log."],
      details: {host, port},
    })
    client.connection.stream.destroy(error)
  }
}

/** pg has this field, but its types do not. */
function isWaiting(client: Client): boolean {
  return !(client as Client & {readyForQuery: boolean}).readyForQuery
}

/** Asks the server about the session. Any answer, an error too, shows that the server works. */
async function askAbout({client, attempt}: Connected, limitMs: number): Promise<'works' | 'waits for us' | 'silent'> {
  const signal = AbortSignal.timeout(limitMs)
  const silence = new Promise<never>((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  )
  silence.catch(() => undefined)
  // The host name may have the addresses of several servers.
  const {remoteAddress: address} = socketOf(client)
  const same = {...attempt, host: {...attempt.host, address}}
  let second: Client | undefined
  try {
    second = await openClient(() => new Client(clientConfig(same)), same, {signal, seconds: 0})
    const asked = second.query<{waits: boolean}>(stateQuery, [backendPid(client)])
    const {rows} = await Promise.race([asked, silence])
    return rows[0]?.waits === true ? 'waits for us' : 'works'
  } catch (error) {
    return error instanceof DatabaseError || error instanceof StateError ? 'works' : 'silent'
  } finally {
    if (second !== undefined) void close(second)
  }
}

const stateQuery = "select state like 'idle%' as waits from pg_catalog.pg_stat_activity where pid = $1"
