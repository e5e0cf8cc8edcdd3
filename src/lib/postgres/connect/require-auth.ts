import type {Client} from 'pg'
import {ConfigurationError, ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Channel} from './channel.js'

/** The methods of libpq; `none` means that the server asks for nothing. */
const methods = ['password', 'md5', 'gss', 'sspi', 'scram-sha-256', 'oauth', 'none'] as const

type Method = (typeof methods)[number]

/**
 * The authentication methods that the URL's require_auth, or `PGREQUIREAUTH`, allows; undefined if all are. The embedded
 * server has to prove with SCRAM that it knows the password too, because any program may listen on its port
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH).
 * @throws ConfigurationError (`require_auth_invalid`)
 */
export function allowedMethods(url: ConnectionUrl): ReadonlySet<Method> | undefined {
  if (url.scramOnly) return new Set(['scram-sha-256'])
  const text = url.parameters.get('require_auth') ?? ''
  if (text === '') return undefined
  const entries = text.split(',').map((entry) => entry.trim())
  const negated = entries.filter((entry) => entry.startsWith('!'))
  const named = entries.map((entry) => entry.replace(/^!/, ''))
  const good =
    named.every((name) => (methods as readonly string[]).includes(name)) &&
    new Set(named).size === named.length &&
    (negated.length === 0 || negated.length === entries.length)
  if (good) return new Set(methods.filter((method) => named.includes(method) === (negated.length === 0)))
  throw new ConfigurationError('The require_auth is not a value that libpq knows.', {
    code: 'require_auth_invalid',
    next: [
      `In the URL or in PGREQUIREAUTH, list allowed methods, or forbidden ones each with a !, separated by commas: ${methods.join(', ')}.`,
    ],
  })
}

/**
 * Refuses a server that asks for an authentication that is not allowed, before it gets the password. Call it before the
 * client sends anything, and call the returned function after the login.
 * @throws ConnectionError (`require_auth_failed`, `server_unproven`) from the returned function, or while the client
 * connects
 */
export function watchAuthentication(
  client: Client,
  {stream}: Channel,
  url: ConnectionUrl,
  server: HostAndPort,
): () => void {
  const allowed = allowedMethods(url)
  if (allowed === undefined) return () => undefined
  let finished = false
  let refusal: ConnectionError | undefined
  const refuse = (what: string): void => {
    refusal ??= url.scramOnly ? unproven(server) : notAllowed(server, what, allowed)
    stream.destroy(refusal)
  }
  const asked = (method: Method): void => {
    if (!allowed.has(method)) refuse(`asks for ${method}`)
  }
  client.connection
    .on('authenticationCleartextPassword', () => {
      finished = true
      asked('password')
    })
    .on('authenticationMD5Password', () => {
      finished = true
      asked('md5')
    })
    .on('authenticationSASL', ({mechanisms}: {mechanisms: string[]}) =>
      asked(mechanisms.some((mechanism) => mechanism.startsWith('SCRAM-SHA-256')) ? 'scram-sha-256' : 'oauth'),
    )
    .on('authenticationSASLFinal', () => (finished = true))
    .on('authenticationOk', () => {
      // A server may also break off an exchange that it began.
      if (!finished && !allowed.has('none')) refuse('let this client in without completing an authentication')
    })
  return () => {
    // The login may finish before the closed stream is noticed.
    if (refusal !== undefined) throw refusal
  }
}

function notAllowed({host, port}: HostAndPort, what: string, allowed: ReadonlySet<Method>): ConnectionError {
  return new ConnectionError(
    `The connection to ${host}:${port} was refused here, because the server ${what}, and require_auth allows only ${[...allowed].join(', ')}.`,
    {
      code: 'require_auth_failed',
      next: [
        'Check that this is the right server, and the method in its pg_hba.conf. If it is, change require_auth in the URL or PGREQUIREAUTH.',
      ],
      details: {host, port, allowed: [...allowed]},
    },
  )
}

function unproven({host, port}: HostAndPort): ConnectionError {
  return new ConnectionError(
    `The program at ${host}:${port} is not the embedded server: it does not use scram-sha-256. The password was not sent to it.`,
    {
      code: 'server_unproven',
      next: ['Stop that program, if another one listens on the port of the embedded server.'],
      details: {host, port},
    },
  )
}
