import {DatabaseError} from 'pg'
import {ConnectionError, CruddurError, errorCode, SqlError, StateError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import {escapeIdentifier} from '../wire/escape.js'
import type {Attempt} from './attempt.js'
import {NotPostgresError, type Phase} from './channel.js'
import {UnreachableError} from './socket.js'
import {tlsFailure} from './tls-failures.js'

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
  cannotConnectNow: '57P03',
  missingStatement: '26000',
  duplicateStatement: '42P05',
  protocolViolation: '08P01',
  featureNotSupported: '0A000',
  invalidParameter: '22023',
  undefinedObject: '42704',
  wrongObject: '42809',
  queryCanceled: '57014',
} as const

/** Class 08, connection exceptions, and 57P01 to 57P05: shutdown, crash, session ended. */
const sessionEnded = /^(08|57P0[1-5])/

/** The SQLSTATE of an error that the server sent, else undefined. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Whether the session is over with that error: the server has ended it, or the connection broke. */
export function endsSession(error: unknown): boolean {
  if (error instanceof CruddurError) return error instanceof ConnectionError
  const state = sqlStateOf(error)
  return state === undefined || sessionEnded.test(state)
}

/** Where in the statement's text the server saw the error, in characters from 1; undefined where it did not say. */
export function errorPosition(error: unknown): number | undefined {
  return error instanceof DatabaseError && error.position !== undefined ? Number(error.position) : undefined
}

/** Failures of one host after which libpq goes on to the next: nobody there, no answer, starting up, of the wrong kind. */
const passElsewhere: readonly string[] = [
  'connect_timeout',
  'connection_closed',
  'session_unsuitable',
  sqlState.cannotConnectNow,
]

/** Whether the next host of a URL may be tried after that failure: a refusal would only be repeated there. */
export function mayPassElsewhere({code}: CruddurError): boolean {
  return passElsewhere.includes(code) || /^E[A-Z]/.test(code)
}

/** Whether the same try may succeed a little later, as it stands: the server starts, fails over, or is full. */
export function mayPassInTime(failure: CruddurError): boolean {
  return mayPassElsewhere(failure) || failure.code === sqlState.tooManyConnections || failure.code === 'connection_lost'
}

/** Whether the same host may let us in with TLS where it did not without, or the other way round. */
export function mayPassOtherwise({code}: CruddurError): boolean {
  return code.startsWith('tls_') || code === sqlState.invalidAuthorization
}

/** Turns what was thrown while connecting into one of our errors: a sentence, a next step, no secret. */
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
      return fail(`The host name ${host} cannot be resolved.`, 'Check the host in the URL, and your network.')
    case 'ECONNREFUSED':
    case 'ENOENT':
      return fail(
        `Nothing accepts connections at ${where}.`,
        'Check host and port in the URL, and that the server runs.',
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
        fail(`No connection to ${where}: ${textOfFailure(error)}.`, 'Check that a Postgres server listens there.')
      )
  }
}

function noWayTo(error: unknown, where: string): [message: string, next: string] {
  const onlyIpv6 = error instanceof UnreachableError && error.addresses.every(({family}) => family === 6)
  if (!onlyIpv6) return [`${where} cannot be reached.`, 'Check the host in the URL, your network and the firewall.']
  return [
    `${where} has only IPv6 addresses, and this machine has no way to them.`,
    'Use a network with IPv6, or give the server an IPv4 address (on RDS: a public, dual-stack instance).',
  ]
}

function notPostgres(error: unknown, where: string): ConnectionError {
  const closed = !(error instanceof NotPostgresError) || error.closed
  return new ConnectionError(
    closed ? `${where} closed the connection.` : `What answers at ${where} does not speak Postgres.`,
    {
      code: closed ? 'connection_closed' : 'not_postgres',
      next: ['Check host and port in the URL, that a Postgres server listens there, and its log.'],
      cause: error,
    },
  )
}

/** The server asks for proof of a kind that pg cannot give. */
export function authenticationUnsupported(cause: unknown): ConnectionError {
  return new ConnectionError('The server asks for an authentication that this tool does not know, GSSAPI say.', {
    code: 'authentication_unsupported',
    next: ['Have pg_hba.conf ask for scram-sha-256 from here; psql may know it: cruddur-db connect'],
    cause,
  })
}

/** An error that has no code to branch on, in its own words; pg's carry no secret. */
export function textOfFailure(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : 'unknown reason'
}

/** What a server may want to hear that did not answer in that phase. */
const timeoutHints: Record<Phase, string[]> = {
  dns: ['Check your network, and its name servers.'],
  tcp: ['Check that the firewall or security group lets you in: cruddur-db sg:update'],
  tls: ['It took the connection and said nothing: check that a Postgres server listens on this port.'],
  startup: ['It took the connection and did not let us in: look into its log, and whether it is overloaded.'],
}

/** A connection that took longer than it may. `seconds` is the bound that was in force. */
export function connectTimeout({host, port}: HostAndPort, seconds: number, phase: Phase): ConnectionError {
  return new ConnectionError(`${host}:${port} did not answer within ${seconds} s.`, {
    code: 'connect_timeout',
    next: [...timeoutHints[phase], 'For a slow network set PGCONNECT_TIMEOUT to more seconds.'],
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
        next: ['Check user and password in the URL; special characters must be percent-encoded.'],
      })
    case sqlState.invalidAuthorization:
      if (usesToken(url)) return tokenRefused(url, options)
      return new ConnectionError(`The server does not let "${url.user}" in: ${error.message}.`, {
        ...options,
        next: [
          'Check that the role exists, may log in, and that pg_hba.conf lets it in from here.',
          ...(tls === false && !url.primary.host.startsWith('/')
            ? ['If the server insists on TLS: add ?sslmode=require to the URL, or set PGSSLMODE.']
            : []),
        ],
      })
    case sqlState.missingDatabase:
      return new StateError(`The database "${url.database}" does not exist.`, {
        ...options,
        next: ['Create it: cruddur-db create'],
      })
    case sqlState.cannotConnectNow:
      return new ConnectionError(`The server is not ready: ${error.message}.`, {
        ...options,
        next: ['Wait until it is: cruddur-db wait'],
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

function usesToken({sources}: ConnectionUrl): boolean {
  return sources.get('password')?.kind === 'iam'
}

/** RDS does not say why it refuses a token; these are the reasons that AWS lists. */
function tokenRefused(
  {user}: ConnectionUrl,
  options: {code: string; details: Record<string, unknown>; cause: unknown},
): ConnectionError {
  return new ConnectionError(`The server refused the IAM token of "${user}".`, {
    ...options,
    next: [
      `In the database: grant rds_iam to ${escapeIdentifier(user)};`,
      `In IAM allow rds-db:connect on arn:aws:rds-db:<region>:<account>:dbuser:<resource id>/${user}, and switch IAM authentication on for the instance.`,
      "Check this machine's clock, which a token is dated by, and that the URL names the instance's own endpoint and port.",
    ],
  })
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

const unprepared = 'Through a pooler that keeps no prepared statements: new Db(url, {prepare: false})'

/** What to do about what the server refuses without saying so itself. */
const hints: Readonly<Record<string, string>> = {
  [sqlState.insufficientPrivilege]: 'Use a role that may do this.',
  [sqlState.missingStatement]: unprepared,
  [sqlState.duplicateStatement]: unprepared,
}

/** The {@link SqlError} of what the server said; anything else is returned as it is. */
export function sqlFailure(error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error
  const hint = hints[error.code ?? '']
  return new SqlError(`${error.message} (SQLSTATE ${error.code ?? 'unknown'})`, {
    code: error.code ?? 'unknown',
    next: [error.detail, error.hint, hint].filter((text) => text !== undefined),
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

function serverFields({
  code,
  detail,
  hint,
  where,
  schema,
  table,
  column,
  constraint,
}: DatabaseError): Record<string, unknown> {
  return {sqlstate: code, detail, hint, where, schema, table, column, constraint}
}
