import {DatabaseError} from 'pg'
import {ConnectionError, CruddurError, errorCode, SqlError, StateError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import {escapeIdentifier} from '../wire/escape.js'
import type {Attempt} from './attempt.js'
import {NotPostgresError, type Phase} from './channel.js'
import {UnreachableError} from './socket.js'
import {tlsFailure} from './tls-failures.js'

/** SQLSTATEs that the code branches on (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
export const sqlState = {
  invalidAuthorization: '28000',
  invalidPassword: '28P01',
  missingDatabase: '3D000',
  duplicateDatabase: '42P04',
  uniqueViolation: '23505',
  insufficientPrivilege: '42501',
  notInPrerequisiteState: '55000',
  objectInUse: '55006',
  tooManyConnections: '53300',
  cannotConnectNow: '57P03',
  missingStatement: '26000',
  duplicateStatement: '42P05',
  protocolViolation: '08P01',
  featureNotSupported: '0A000',
  invalidCharacter: '22021',
  untranslatableCharacter: '22P05',
  invalidParameter: '22023',
  undefinedColumn: '42703',
  undefinedObject: '42704',
  undefinedTable: '42P01',
  wrongObject: '42809',
  queryCanceled: '57014',
  readOnlyTransaction: '25006',
} as const

/** Class 08 are connection exceptions; 57P01 to 57P05 are shutdown, crash and ended sessions. */
const sessionEnded = /^(08|57P0[1-5])/

/** The SQLSTATE of an error from the server; undefined for other errors. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Whether the session has ended with that error. */
export function endsSession(error: unknown): boolean {
  if (error instanceof CruddurError) return error instanceof ConnectionError
  const state = sqlStateOf(error)
  return state === undefined || sessionEnded.test(state)
}

/** The position of the error in the statement, in characters from 1; undefined if the server did not report it. */
export function errorPosition(error: unknown): number | undefined {
  return error instanceof DatabaseError && error.position !== undefined ? Number(error.position) : undefined
}

/** Failures after which libpq tries the next host: not reachable, no answer, starting, or the wrong kind of server. */
const passElsewhere: readonly string[] = [
  'connect_timeout',
  'connection_closed',
  'session_unsuitable',
  sqlState.cannotConnectNow,
]

/** Whether to try the next host. A refused login would be refused there too. */
export function mayPassElsewhere({code}: CruddurError): boolean {
  return passElsewhere.includes(code) || /^E[A-Z]/.test(code)
}

/** Whether the same attempt may succeed a little later: the server is starting, failing over or full. */
export function mayPassInTime(failure: CruddurError): boolean {
  return mayPassElsewhere(failure) || failure.code === sqlState.tooManyConnections || failure.code === 'connection_lost'
}

/** Whether the same host may accept the login with TLS instead of without, or the other way round. */
export function mayPassOtherwise({code}: CruddurError): boolean {
  return code.startsWith('tls_') || code === sqlState.invalidAuthorization
}

/** Converts an error of connecting to one of ours, with a sentence, advice and no secret. */
export function connectFailure(error: unknown, attempt: Attempt): CruddurError {
  if (error instanceof CruddurError) return error
  if (error instanceof DatabaseError) return serverRefused(error, attempt)
  const {host, port} = attempt.host
  const where = `${host}:${port}`
  const code = errorCode(error) ?? 'connection_failed'
  const fail = (message: string, ...next: string[]): ConnectionError =>
    new ConnectionError(message, {code, next, details: {host, port}, cause: error})
  if (error instanceof NotPostgresError) return notPostgres(error, where)
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EAI_AGAIN':
      return fail(`The host name ${host} cannot be resolved.`, 'Check the host in the URL and your network.')
    case 'ECONNREFUSED':
    case 'ENOENT':
      return fail(
        `No server accepts connections at ${where}.`,
        'Check the host and port in the URL, and that the server is running.',
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return fail(...noWayTo(error, where))
    case 'ETIMEDOUT':
      return fail(`${where} cannot be reached.`, 'Check the host in the URL, your network and the firewall.')
    case 'ECONNRESET':
    case 'EPIPE':
      return notPostgres(error, where)
    default:
      return (
        tlsFailure(error, attempt) ??
        fail(
          `The connection to ${where} failed: ${textOfFailure(error)}.`,
          'Check that a Postgres server is listening there.',
        )
      )
  }
}

function noWayTo(error: unknown, where: string): [message: string, next: string] {
  const onlyIpv6 = error instanceof UnreachableError && error.addresses.every(({family}) => family === 6)
  if (!onlyIpv6) return [`${where} cannot be reached.`, 'Check the host in the URL, your network and the firewall.']
  return [
    `${where} has only IPv6 addresses, and this machine cannot reach IPv6 addresses.`,
    'Use a network with IPv6, or give the server an IPv4 address (on RDS: a public, dual-stack instance).',
  ]
}

function notPostgres(error: unknown, where: string): ConnectionError {
  const closed = !(error instanceof NotPostgresError) || error.closed
  return new ConnectionError(closed ? `${where} closed the connection.` : `${where} is not a Postgres server.`, {
    code: closed ? 'connection_closed' : 'not_postgres',
    next: ['Check the host and port in the URL, that a Postgres server is listening there, and its log.'],
    cause: error,
  })
}

/** The server asks for an authentication that pg does not support. */
export function authenticationUnsupported(cause: unknown): ConnectionError {
  return new ConnectionError(
    'The server asks for an authentication that cruddur-db does not support, for example GSSAPI.',
    {
      code: 'authentication_unsupported',
      next: ['Configure scram-sha-256 for this client in pg_hba.conf.'],
      cause,
    },
  )
}

/** The text of an error without a code. Errors of pg contain no secret. */
export function textOfFailure(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : 'unknown reason'
}

/** Advice for a timeout in each phase. */
const timeoutHints: Record<Phase, string[]> = {
  dns: ['Check your network and its name servers.'],
  tcp: ['Check that the firewall or security group allows this machine.'],
  tls: ['It accepted the connection but did not answer. Check that a Postgres server is listening on this port.'],
  startup: ['It accepted the connection but not the login. Check its log, and whether it is overloaded.'],
}

/** The error of a connection that took longer than `seconds`. */
export function connectTimeout({host, port}: HostAndPort, seconds: number, phase: Phase): ConnectionError {
  return new ConnectionError(`${host}:${port} did not answer within ${seconds} s.`, {
    code: 'connect_timeout',
    next: [...timeoutHints[phase], 'For a slow network, set PGCONNECT_TIMEOUT to more seconds.'],
    details: {host, port, seconds, phase},
  })
}

function serverRefused(error: DatabaseError, {url, tls}: Attempt): CruddurError {
  const options = {code: error.code ?? 'unknown', details: serverFields(error), cause: error}
  switch (error.code) {
    case sqlState.invalidPassword:
      if (usesToken(url)) return tokenRefused(url, options)
      return new ConnectionError(`The server refused the password of "${url.user}".`, {
        ...options,
        next: ['Check the user and password in the URL. Special characters must be percent-encoded.'],
      })
    case sqlState.invalidAuthorization:
      if (usesToken(url)) return tokenRefused(url, options)
      return new ConnectionError(`The server refused the login of "${url.user}": ${error.message}.`, {
        ...options,
        next: [
          'Check that the role exists and may log in, and that pg_hba.conf allows it from this machine.',
          ...(tls === false && !url.primary.host.startsWith('/')
            ? ['If the server requires TLS: add ?sslmode=require to the URL, or set PGSSLMODE.']
            : []),
        ],
      })
    case sqlState.missingDatabase:
      return new StateError(`The database "${url.database}" does not exist.`, {
        ...options,
        details: {...options.details, database: url.database},
      })
    case sqlState.cannotConnectNow:
      return new ConnectionError(`The server is not ready: ${error.message}.`, options)
    case sqlState.tooManyConnections:
      return new ConnectionError('The server has no free connection.', options)
    default:
      return new ConnectionError(`The server refused the connection: ${error.message}.`, options)
  }
}

function usesToken({sources}: ConnectionUrl): boolean {
  return sources.get('password')?.kind === 'iam'
}

/** RDS does not report why it refuses a token, so the advice lists the reasons that AWS documents. */
function tokenRefused(
  {user}: ConnectionUrl,
  options: {code: string; details: Record<string, unknown>; cause: unknown},
): ConnectionError {
  return new ConnectionError(`The server refused the IAM token of "${user}".`, {
    ...options,
    next: [
      `In the database: grant rds_iam to ${escapeIdentifier(user)};`,
      `In IAM, allow rds-db:connect on arn:aws:rds-db:<region>:<account>:dbuser:<resource id>/${user}, and enable IAM authentication for the instance.`,
      "Check this machine's clock, because tokens have a date, and check that the URL has the instance's own endpoint and port.",
    ],
  })
}

/**
 * Converts the server's error to a {@link SqlError}, or to a ConnectionError if it ended the session. Other errors are
 * returned unchanged. Only a Db sends prepared statements, and then there is advice on them.
 */
export function statementFailure(error: unknown, url: ConnectionUrl, prepared = false): unknown {
  if (!(error instanceof DatabaseError)) return error
  if (error.code !== undefined && sessionEnded.test(error.code)) return lostConnection(error, url)
  return sqlFailure(error, prepared ? preparedHints : {})
}

/** Advice for errors for which the server gives no hint. */
const hints: Readonly<Record<string, string>> = {
  [sqlState.insufficientPrivilege]: 'Use a role that has this privilege.',
}

/** Advice for a prepared statement that the server does not know, or already knows. */
const unprepared = 'For a pooler that does not support prepared statements: new Db(url, {prepare: false})'
const preparedHints: typeof hints = {
  [sqlState.missingStatement]: unprepared,
  [sqlState.duplicateStatement]: unprepared,
}

/** Converts the server's error to a {@link SqlError}. Other errors are returned unchanged. */
export function sqlFailure(error: unknown, more: typeof hints = {}): unknown {
  if (!(error instanceof DatabaseError)) return error
  const hint = hints[error.code ?? ''] ?? more[error.code ?? '']
  return new SqlError(`${error.message} (SQLSTATE ${error.code ?? 'unknown'})`, {
    code: error.code ?? 'unknown',
    next: [error.detail, error.hint, hint].filter((text) => text !== undefined),
    details: serverFields(error),
    cause: error,
  })
}

/** The error for a lost connection, or a session that the server ended. */
export function lostConnection(error: unknown, url: ConnectionUrl): CruddurError {
  if (error instanceof CruddurError) return error
  const {host, port} = url.primary
  return new ConnectionError(`The connection to ${host}:${port} was lost.`, {
    code: 'connection_lost',
    next: ["Uncommitted changes are rolled back. Check the server's log."],
    details: {host, port},
    cause: error,
  })
}

/** The server's detail, or its message if there is no detail; empty for other errors. */
export function detailOf(error: unknown): string {
  return error instanceof DatabaseError ? (error.detail ?? error.message) : ''
}

function serverFields({
  code,
  detail,
  hint,
  where,
  schema,
  table,
  column,
  constraint,
  internalQuery,
  internalPosition,
}: DatabaseError): Record<string, unknown> {
  // What a function or a DO block has run.
  const inner =
    internalQuery === undefined
      ? {}
      : {query: internalQuery, ...(internalPosition === undefined ? {} : {query_position: Number(internalPosition)})}
  return {sqlstate: code, detail, hint, ...inner, where, schema, table, column, constraint}
}
