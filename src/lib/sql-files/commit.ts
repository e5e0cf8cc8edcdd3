import {setTimeout} from 'node:timers/promises'
import {endsSession} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {lostWith} from './statement-failure.js'

/** The timeout for finding the outcome of a COMMIT, because the server may be gone. */
export const askWithinSeconds = 5

/** Runs `use` on another connection to the same database, after the first connection was lost. */
export type AskElsewhere = <T>(use: (client: PostgresClient) => Promise<T>) => Promise<T>

export interface CommitOptions {
  /** The id of the transaction (xid8); undefined if it has changed nothing. */
  transactionId: string | undefined
  askElsewhere: AskElsewhere | undefined
  /** Whether the files have already committed something themselves. */
  committedBefore: boolean
  warn: (text: string) => void
  signal: AbortSignal | undefined
}

/** How long to ask, because the server may still be ending the lost session or restarting. */
const askForMs = 5000
const pauseMs = 100

/**
 * Commits the open transaction. If the answer is lost, asks the server on another connection whether it was committed; if
 * so, this is a success with a warning.
 * @throws ConnectionError: `connection_lost` if it was rolled back, `commit_unknown` if that is not known
 */
export async function commit(client: PostgresClient, options: CommitOptions): Promise<void> {
  const {transactionId, committedBefore, warn} = options
  try {
    await client.query('commit')
  } catch (error) {
    if (!endsSession(error) || transactionId === undefined) throw error
    const stays = committedBefore ? ['What the file committed before is kept.'] : []
    switch (await statusOf(transactionId, options)) {
      case 'committed':
        warn(`The connection was lost during COMMIT, but transaction ${transactionId} was committed.`)
        return
      case 'aborted':
        throw lostWith(client, 'connection_lost', [`Transaction ${transactionId} was rolled back.`, ...stays], error)
      case undefined: {
        const next = [
          'It is not known whether the transaction was committed.',
          `To find out, run this in the database: select pg_xact_status('${transactionId}')`,
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
