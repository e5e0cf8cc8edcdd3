import {setTimeout} from 'node:timers/promises'
import {endsSession} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {lostWith} from './statement-failure.js'

/** Runs `use` on another connection to the same database, for questions when the first one was lost. */
export type AskElsewhere = <T>(use: (client: PostgresClient) => Promise<T>) => Promise<T>

/** What {@link commit} takes. */
export interface CommitOptions {
  /** The transaction's id (xid8); undefined where it has changed nothing. */
  transactionId: string | undefined
  askElsewhere: AskElsewhere | undefined
  /** Whether the files have committed before by themselves. */
  committedBefore: boolean
  warn: (text: string) => void
  signal: AbortSignal | undefined
}

/** The server may still be ending the lost session, or be starting again. */
const askForMs = 5000
const pauseMs = 100

/**
 * Commits the open transaction. Where the answer is lost, the server is asked what has become of it: what was committed
 * is a success with a warning.
 * @throws ConnectionError: `connection_lost` for what was rolled back, `commit_unknown` where it cannot be found out
 */
export async function commit(client: PostgresClient, options: CommitOptions): Promise<void> {
  const {transactionId, committedBefore, warn} = options
  try {
    await client.query('commit')
  } catch (error) {
    if (!endsSession(error) || transactionId === undefined) throw error
    const stays = committedBefore ? ['What the file committed before stays.'] : []
    switch (await statusOf(transactionId, options)) {
      case 'committed':
        warn(`The answer to COMMIT was lost with the connection, but transaction ${transactionId} is committed.`)
        return
      case 'aborted':
        throw lostWith(client, 'connection_lost', [`Transaction ${transactionId} was rolled back.`, ...stays], error)
      case undefined: {
        const next = [
          'COMMIT was under way: the work may be stored or not.',
          `To find out, in this database: select pg_xact_status('${transactionId}')`,
          ...stays,
        ]
        throw lostWith(client, 'commit_unknown', next, error)
      }
    }
  }
}

async function statusOf(
  transactionId: string,
  {askElsewhere, signal}: CommitOptions,
): Promise<'committed' | 'aborted' | undefined> {
  if (askElsewhere === undefined) return undefined
  const until = performance.now() + askForMs
  do {
    const status = await askElsewhere((client) => readStatus(client, transactionId)).catch(() => undefined)
    if (status === 'committed' || status === 'aborted') return status
    await setTimeout(pauseMs)
  } while (performance.now() < until && signal?.aborted !== true)
  return undefined
}

async function readStatus(client: PostgresClient, transactionId: string): Promise<string | null | undefined> {
  const text = 'select pg_catalog.pg_xact_status($1::pg_catalog.xid8) as status'
  const {rows} = await client.query<{status: string | null}>(text, [transactionId])
  return rows[0]?.status
}
