import {CruddurError, errorWith, InterruptedError, RefusedError, type SqlError, StateError} from '../errors.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {ConnectAsked} from './sink.js'
import {placeOf} from './statement-failure.js'
import {refusal} from './walk-support.js'

export interface ConnectFacts {
  /** The name of the present database. */
  present: string
  /** Whether `\connect` names the present database. */
  own: boolean
  /** Whether setup builds the database. */
  built: boolean
  /** Whether other databases can be opened. */
  possible: boolean
  /** Whether the file has begun a transaction that is open. */
  open?: boolean
}

/** Why a `\connect` cannot be carried out; undefined if it can. */
export function connectProblem(
  {to, piece, script}: ConnectAsked,
  client: Pick<PostgresClient, 'user' | 'host' | 'port'>,
  {present, own, built, possible, open = false}: ConnectFacts,
): SqlError | undefined {
  const problem = (message: string, next: string) => refusal(script, piece, message, next)
  const role = to.user !== undefined && to.user !== client.user
  if (role)
    return problem(
      `\\connect cannot change to another role. The current role is ${client.user}.`,
      'Remove the user from the line. To create objects as another role: SET ROLE name;',
    )
  const server = (to.host ?? client.host) !== client.host || (to.port ?? `${client.port}`) !== `${client.port}`
  if (server)
    return problem(
      `\\connect cannot change to another server. The current server is ${client.host}:${client.port}.`,
      'Put what follows into a file of its own, and run it with a target of that server.',
    )
  if (built && !own) return leavesBuilding({piece, script}, present)
  if (!own && !possible)
    return problem(
      `\\connect cannot change to another database here. The current database is ${present}.`,
      'Remove the line, and select the database with the target.',
    )
  if (open)
    return problem('A transaction that the file has begun is open at this \\connect.', 'Write COMMIT; before the line.')
  return undefined
}

export const nothingChanged = 'Nothing was changed.'

/** The error for a `\\connect` to another database while setup builds one. */
export function leavesBuilding({piece, script}: Pick<ConnectAsked, 'piece' | 'script'>, database: string): SqlError {
  return refusal(
    script,
    piece,
    `setup builds only ${database}, so \\connect cannot change to another database.`,
    'Put what follows into a file of its own, and run it with its own target after setup.',
  )
}

/** Adds the place of a `\connect` and what is kept to the error of opening its database. */
export async function placedFailure(error: unknown, {piece, script}: ConnectAsked, kept: string): Promise<unknown> {
  if (!(error instanceof CruddurError) || error instanceof InterruptedError) return error
  const place = await placeOf(script, piece)
  return errorWith(error, {next: [...error.next, kept], details: {...error.details, place}})
}

/** Adds the parts that are committed to an error. */
export function withCommitted(error: unknown, committed: readonly object[] | undefined): unknown {
  if (committed === undefined || !(error instanceof CruddurError) || error instanceof InterruptedError) return error
  return errorWith(error, {next: [...error.next], details: {...error.details, committed}})
}

/** The error for a `\\connect` of a protected target. */
export function protectedConnect({target, database}: {target: string; database: string | undefined}): RefusedError {
  const to = database === undefined ? 'another database' : `the database ${database}`
  return new RefusedError(`${target} is protected, so a file cannot change to ${to} with \\connect.`, {
    code: 'connect_protected',
    next: [
      'Put what follows the line into a file of its own, and run it with a target whose URL names that database, for example OTHER_CONNECTION_URL and the target other.',
    ],
    details: {database},
  })
}

export function missingDatabase(database: string): StateError {
  return new StateError(`The database "${database}" does not exist.`, {
    code: '3D000',
    next: [`Create it before the \\connect, or correct its name.`],
    details: {database},
  })
}
