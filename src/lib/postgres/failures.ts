import {DatabaseError} from 'pg'
import {ConnectionError, CruddurError, errorCode, SqlError, StateError} from '../errors.js'
import type {ConnectionUrl, HostAndPort} from '../target/connection-url.js'

/** SQLSTATEs that this tool branches on (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export const sqlState = {
  invalidAuthorization: '28000',
  invalidPassword: '28P01',
  missingDatabase: '3D000',
  duplicateDatabase: '42P04',
  uniqueViolation: '23505',
  insufficientPrivilege: '42501',
  objectInUse: '55006',
  tooManyConnections: '53300',
} as const

/** Class 08, connection exceptions, and 57P01 to 57P05: shutdown, crash, session ended. */
const sessionEnded = /^(08|57P0[1-5])/

/** The SQLSTATE of an error that the server sent, else undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Where in the statement's text the server saw the error, in characters from 1; undefined where it did not say. */
export function errorPosition(error: unknown): number | undefined {
  return error instanceof DatabaseError && error.position !== undefined ? Number(error.position) : undefined
}

/** Turns what pg threw while connecting into one of our errors: a sentence, a next step, no secret. */
export function connectFailure(error: unknown, url: ConnectionUrl, {host, port}: HostAndPort): CruddurError {
  if (error instanceof CruddurError) return error
  if (error instanceof DatabaseError) return serverRefused(error, url)
  const where = `${host}:${port}`
  const code = errorCode(error) ?? 'connection_failed'
  const fail = (message: string, ...next: string[]): ConnectionError =>
    new ConnectionError(message, {code, next, details: {host, port}, cause: error})
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(`The host name ${host} cannot be resolved.`, 'Check the host in the URL, and your network.')
    case 'ECONNREFUSED':
    case 'ENOENT':
      return fail(`Nothing accepts connections at ${where}.`, 'Check host and port in the URL, and that the server runs.')
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return fail(`${where} cannot be reached.`, 'Check the host in the URL, your network and the firewall.')
    case 'ECONNRESET':
    case 'EPIPE':
      return fail(`${where} closed the connection.`, 'Check that a Postgres server listens there, and its log.')
    default:
      return connectFailureByText(error, where, fail)
  }
}

/** TLS failures and pg's own errors, which carry no code to branch on or one of OpenSSL's many. */
function connectFailureByText(
  error: unknown,
  where: string,
  fail: (message: string, ...next: string[]) => ConnectionError,
): ConnectionError {
  const text = error instanceof Error ? error.message.replace(/\.$/, '') : 'unknown reason'
  return fail(`No connection to ${where}: ${text}.`, 'Check that a Postgres server listens there, and sslmode in the URL.')
}

/** A connection that took longer than it may. `seconds` is the bound that was in force. */
export function connectTimeout({host, port}: HostAndPort, seconds: number): ConnectionError {
  return new ConnectionError(`${host}:${port} did not answer within ${seconds} s.`, {
    code: 'connect_timeout',
    next: [
      'Check that the firewall or security group lets you in: cruddur-db sg:update',
      'For a slow network set PGCONNECT_TIMEOUT to more seconds.',
    ],
    details: {host, port, seconds},
  })
}

function serverRefused(error: DatabaseError, url: ConnectionUrl): CruddurError {
  const options = {code: error.code ?? 'unknown', details: serverFields(error), cause: error}
  switch (error.code) {
    case sqlState.invalidPassword:
      return new ConnectionError(`The server refused the password of "${url.user}".`, {
        ...options,
        next: ['Check user and password in the URL; special characters must be percent-encoded.'],
      })
    case sqlState.invalidAuthorization:
      return new ConnectionError(`The server does not let "${url.user}" in: ${error.message}.`, {
        ...options,
        next: ['Check that the role exists, may log in, and that pg_hba.conf lets it in from here.'],
      })
    case sqlState.missingDatabase:
      return new StateError(`The database "${url.database}" does not exist.`, {
        ...options,
        next: ['Create it: cruddur-db create'],
      })
    case sqlState.tooManyConnections:
      return new ConnectionError('The server has no connection left.', {
        ...options,
        next: ['See who holds them and close some: cruddur-db sessions'],
      })
    default:
      return new ConnectionError(`The server refused the connection: ${error.message}.`, options)
  }
}

/**
 * Turns what the server said of a statement into a {@link SqlError}, or a ConnectionError where it ended the session;
 * anything that did not come from the server is returned as it is.
 */
export function statementFailure(error: unknown, url: ConnectionUrl): unknown {
  if (!(error instanceof DatabaseError)) return error
  if (error.code !== undefined && sessionEnded.test(error.code)) return lostConnection(error, url)
  return sqlFailure(error)
}

/** The {@link SqlError} of what the server said; anything else is returned as it is. */
export function sqlFailure(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error
  const denied = error.code === sqlState.insufficientPrivilege
  return new SqlError(`${capitalised(error.message)} (SQLSTATE ${error.code ?? 'unknown'}).`, {
    code: error.code ?? 'unknown',
    next: [error.detail, error.hint, denied ? 'Use a role that may do this.' : undefined].filter(
      (text) => text !== undefined,
    ),
    details: serverFields(error),
    cause: error,
  })
}

/** A connection that broke, or a session that the server ended. */
export function lostConnection(error: unknown, url: ConnectionUrl): CruddurError {
  if (error instanceof CruddurError) return error
  const {host, port} = url.primary
  return new ConnectionError(`The connection to ${host}:${port} was lost.`, {
    code: 'connection_lost',
    next: ["Look into the server's log; what was not committed is rolled back."],
    details: {host, port},
    cause: error,
  })
}

/** What the server added to its message, in its own words; empty where it added nothing. */
export function detailOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.detail ?? error.message) : ''
}

function serverFields({code, detail, hint, where, schema, table, column, constraint}: DatabaseError): Record<string, unknown> {
  return {sqlstate: code, detail, hint, where, schema, table, column, constraint}
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
