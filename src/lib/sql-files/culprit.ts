import {sqlStateOf} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {hasOpenTransaction, sendStatements, StatementsError} from '../postgres/wire/script-wire.js'

/** In a failed transaction the server parses a message, and then refuses its first statement with this code. */
const transactionFailed = '25P02'
const nothingFirst = Buffer.from('select 1;\n')

/**
 * Finds the statement that the server cannot read, for an error of a whole message that has no position: an invalid escape
 * in a string, or a character that the encoding of the database does not have. Undefined if it can read all of them. The
 * statements are sent again, but in a failed transaction, where none of them runs; that transaction stays open.
 */
export async function findUnreadable(
  client: PostgresClient,
  statements: readonly Buffer[],
): Promise<number | undefined> {
  await client.query('').catch(() => undefined)
  if (!hasOpenTransaction(client)) await client.query('begin')
  await client.query('select 1/0').catch(() => undefined)
  if (await isReadable(client, statements)) return undefined
  let [from, to] = [0, statements.length]
  while (to - from > 1) {
    const middle = (from + to) >> 1
    if (await isReadable(client, statements.slice(from, middle))) from = middle
    else to = middle
  }
  return from
}

async function isReadable(client: PostgresClient, statements: readonly Buffer[]): Promise<boolean> {
  try {
    await sendStatements(client, Buffer.concat([nothingFirst, ...statements]))
    return true
  } catch (error) {
    return error instanceof StatementsError && sqlStateOf(error.error) === transactionFailed
  }
}
