import {createHash} from 'node:crypto'
import {InterruptedError, SqlError} from '../errors.js'
import {isLost} from '../postgres/connect/connection.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {hasOpenTransaction, sendStatements, StatementsError} from '../postgres/wire/script-wire.js'
import type {Queued} from '../sql-files/batch.js'
import {dryWalk} from '../sql-files/dry-walk.js'
import {runScripts} from '../sql-files/run-file.js'
import {valuesOfSession} from '../sql-files/session-names.js'
import type {ScriptInput} from '../sql-files/sql-file.js'
import {failureOfStatement} from '../sql-files/statement-failure.js'
import {concernsServer} from '../sql-text/control.js'
import {fixedVariables} from '../sql-text/psql/own-variables.js'

/** A statement of a schema that this server cannot run, so that its object cannot be compared. */
export interface SkippedStatement {
  file: string
  line: number
  /** Its first line. */
  statement: string
  /** The server's reason. */
  reason: string
}

export interface LoadOptions {
  cwd: string
  /** The name of the database in the files. */
  database: string
  /** Whether owners and privileges matter. */
  owners: boolean
  signal: AbortSignal
}

/**
 * SQLSTATEs with which a server refuses what needs something that it does not have: an extension, a role, a type of an
 * extension, a feature of another version.
 */
const lacking = /^(0A000|58P01|42704|42883|3F000)$/

/** Statements about roles, which the server that compares need not have. */
const aboutRoles =
  /^\s*(?:grant|revoke|reassign\s+owned|alter\s+default\s+privileges|set\s+(?:session\s+|local\s+)?role|set\s+session\s+authorization)\b|^\s*alter\b[^;]*\bowner\s+to\b/i

/** Whether a server refuses a statement because it lacks something, and not because of a mistake in it. */
export function isLacking(code: string | undefined): boolean {
  return code !== undefined && lacking.test(code)
}

/** The schema of another server: nothing in its text is a command of psql, which could read files here. */
export function foreignSchema(sql: string): ScriptInput {
  return {path: 'schema', content: Buffer.from(restricted(sql))}
}

/** A text in which psql takes no commands. */
export function restricted(sql: string): string {
  const key = createHash('sha256').update(sql).digest('hex')
  return `\\restrict ${key}\n${sql}\n\\unrestrict ${key}\n`
}

/** Runs files into an empty database. @throws SqlError, ConfigurationError */
export async function loadWhole(
  client: PostgresClient,
  inputs: ScriptInput[],
  {cwd, database, signal}: LoadOptions,
): Promise<void> {
  await runScripts(client, inputs, {cwd, signal, database: {name: database, builtAs: client.database ?? ''}})
}

/** Whether files have statements that are left out here, because they would change databases of users, or leave this one. */
export async function leavesDatabase(inputs: ScriptInput[], {cwd}: Pick<LoadOptions, 'cwd'>): Promise<boolean> {
  let leaves = false
  const walk = dryWalk({
    cwd,
    values: fixedVariables,
    onConnect: () => void (leaves = true),
    add({piece}) {
      leaves ||= concernsServer(piece)
      return undefined
    },
  })
  for (const input of inputs) if (input.table === undefined) await walk.run(input)
  return leaves
}

/** Runs every statement of files by itself into an empty database, without rows, and returns those that fail. */
export async function loadOneByOne(
  client: PostgresClient,
  inputs: ScriptInput[],
  {cwd, database, owners, signal}: LoadOptions,
): Promise<SkippedStatement[]> {
  const skipped: SkippedStatement[] = []
  const values = valuesOfSession({client, database})
  const walk = dryWalk({
    cwd,
    values,
    session: {client, database},
    async add(queued) {
      if (signal.aborted) throw new InterruptedError(signal.reason)
      // One of the file's own transactions would end with the first statement that fails.
      const {piece, script} = queued
      if (piece.statement === 'transaction' || concernsServer(piece)) return
      const error = await attempt(client, queued)
      if (error === undefined) return
      const failure = await failureOfStatement(error, script, piece, [])
      // What fails after something is missing may need it.
      if (!(failure instanceof SqlError) || (!isLacking(failure.code) && skipped.length === 0)) throw failure
      const text = piece.bytes.toString('utf8', piece.start)
      if (owners || !aboutRoles.test(text))
        skipped.push({file: script.name, line: piece.line, statement: firstLine(text), reason: failure.message})
    },
  })
  for (const input of inputs) if (input.table === undefined) await walk.run(input)
  return skipped
}

/** Returns the server's error, if there is one. A transaction goes on without the statement. */
async function attempt(client: PostgresClient, {piece}: Queued): Promise<unknown> {
  const isInside = hasOpenTransaction(client)
  try {
    if (isInside) await client.query('savepoint cruddur_db_statement')
    const {copy} = await sendStatements(client, piece.bytes)
    await copy?.fail('only the schema is loaded')
    if (isInside) await client.query('release cruddur_db_statement')
    return undefined
  } catch (error) {
    if (!(error instanceof StatementsError) || isLost(client)) throw error
    if (isInside) await client.query('rollback to cruddur_db_statement; release cruddur_db_statement')
    return error.error
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}
