import {readFileSync} from 'node:fs'
import type {ConnectionOptions} from 'node:tls'
import {ConfigurationError} from '../errors.js'
import type {ConnectionUrl} from '../target/connection-url.js'

/** What pg takes as `ssl`: `false` is plain TCP. */
export type TlsAttempt = false | ConnectionOptions

const loopback = new Set(['localhost', '127.0.0.1', '::1'])

/**
 * The ways to try a connection, in order, by libpq's table of `sslmode`
 * (https://www.postgresql.org/docs/current/libpq-ssl.html): pg would replace `require` and `prefer` by full
 * verification, so the mode is read here and passed to it explicitly. Without `sslmode` it is `prefer`, as in libpq,
 * except on a Unix socket, where there is no TLS, and on loopback, where it would only cost a round trip.
 * @throws ConfigurationError (`sslmode_invalid`, `certificate_unreadable`)
 */
export function tlsAttempts(url: ConnectionUrl, host: string): TlsAttempt[] {
  const mode = url.parameters.get('sslmode')
  if (host.startsWith('/') || (mode === undefined && loopback.has(host))) return [false]
  const unverified = (): ConnectionOptions => ({...certificates(url), rejectUnauthorized: false})
  switch (mode ?? 'prefer') {
    case 'disable':
      return [false]
    case 'allow':
      return [false, unverified()]
    case 'prefer':
      return [unverified(), false]
    case 'require':
      // With a root certificate libpq verifies the chain even here.
      return [url.parameters.has('sslrootcert') ? verifyChain(url) : unverified()]
    case 'verify-ca':
      return [verifyChain(url)]
    case 'verify-full':
      return [certificates(url)]
    default:
      throw new ConfigurationError('The URL has an sslmode that libpq does not know.', {
        code: 'sslmode_invalid',
        next: ['Use disable, allow, prefer, require, verify-ca or verify-full.'],
      })
  }
}

/** The chain must end in a trusted root, whatever host the certificate names. */
function verifyChain(url: ConnectionUrl): ConnectionOptions {
  return {...certificates(url), checkServerIdentity: () => undefined}
}

function certificates(url: ConnectionUrl): ConnectionOptions {
  const file = (parameter: string): Buffer | undefined => {
    const path = url.parameters.get(parameter)
    if (path === undefined || path === 'system') return undefined
    try {
      return readFileSync(path)
    } catch (error) {
      throw new ConfigurationError(`The file of ${parameter}, ${path}, cannot be read.`, {
        code: 'certificate_unreadable',
        next: [`Check the path in the URL's ${parameter}.`],
        cause: error,
      })
    }
  }

  return {ca: file('sslrootcert'), cert: file('sslcert'), key: file('sslkey')}
}
