import {ConnectionError, errorCode} from '../../errors.js'
import type {Attempt} from './attempt.js'
import {TlsNotOfferedError} from './channel.js'
import {tlsMode, usesRdsRoots} from './tls.js'

/** What a failure is called here, in one sentence, and the way out. */
type Described = [code: string, message: string, ...next: string[]]

const unknownRoots: readonly string[] = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]

/**
 * The error for TLS that could not be agreed on, by the code that Node or OpenSSL gave
 * (https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes); undefined for anything else.
 */
export function tlsFailure(error: unknown, attempt: Attempt): ConnectionError | undefined {
  const code = error instanceof TlsNotOfferedError ? 'not_offered' : errorCode(error)
  const described = code === undefined ? undefined : describe(code, error, attempt)
  if (described === undefined) return undefined
  const [ours, message, ...next] = described
  const {host, port} = attempt.host
  return new ConnectionError(message, {
    code: ours,
    next,
    details: {host, port, sslmode: tlsMode(attempt.url, host), tls: code},
    cause: error,
  })
}

/** What is known of a failure besides its code. */
interface Facts {
  /** host:port */
  where: string
  /** The sslmode that was asked for. */
  mode: string
  rdsRoots: boolean
  error: unknown
}

const byCode: Readonly<Record<string, (facts: Facts) => Described>> = {
  not_offered: ({where, mode}) => [
    'tls_not_offered',
    `${where} has no TLS, and sslmode ${mode} insists on it.`,
    'Switch TLS on at the server (ssl = on), or on a network that you trust use sslmode=prefer.',
  ],
  CERT_HAS_EXPIRED: ({where}) => [
    'tls_certificate_expired',
    `The certificate of ${where}, or one that it rests on, has expired.`,
    "Renew it at the server (on RDS: aws rds modify-db-instance --ca-certificate-identifier …), or correct this machine's clock.",
  ],
  CERT_NOT_YET_VALID: ({where}) => [
    'tls_certificate_not_yet_valid',
    `The certificate of ${where} is not valid yet.`,
    "Check this machine's clock.",
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ({where, error}) => [
    'tls_wrong_host',
    `The certificate of ${where} is for another host${namesOf(error)}.`,
    'Put the name that it is for into the URL; through a tunnel add its address as hostaddr.',
    'Where any name of this authority will do: sslmode=verify-ca',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ({where}) => [
    'tls_self_signed',
    `The certificate of ${where} is self-signed, and not the one in sslrootcert.`,
    "Get the server's certificate from whoever runs it, and name its file: sslrootcert=<file>",
  ],
}

const unknownRoot = ({where, rdsRoots}: Facts): Described => [
  'tls_unknown_root',
  `The certificate of ${where} comes from an authority that is not trusted.`,
  rdsRoots
    ? "Its roots are newer than this tool's: take them from https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem and name the file: sslrootcert=<file>"
    : 'Name the file with the root of its authority: sslrootcert=<file>; for a public authority: sslrootcert=system',
]

function describe(code: string, error: unknown, {url, host}: Attempt): Described | undefined {
  const where = `${host.host}:${host.port}`
  const facts = {where, mode: tlsMode(url, host.host), rdsRoots: usesRdsRoots(url, host.host), error}
  const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined
  if (known !== undefined) return known(facts)
  if (unknownRoots.includes(code)) return unknownRoot(facts)
  if (!/^(ERR_SSL|ERR_OSSL|EPROTO|CERT_|ERR_TLS)/.test(code)) return undefined
  return [
    'tls_failed',
    `TLS with ${where} failed (${code}).`,
    "Check the server's TLS settings, and sslcert and sslkey where it asks for a certificate of yours.",
  ]
}

function namesOf(error: unknown): string {
  const cert =
    error instanceof Error && 'cert' in error
      ? (error.cert as {subjectaltname?: string; subject?: {CN?: string}})
      : undefined
  const names = cert?.subjectaltname?.replaceAll(/\b(DNS|IP Address):/g, '') ?? cert?.subject?.CN
  // A certificate's text is someone else's: one line, not endless, nothing that steers a terminal.
  return names === undefined ? '' : `, ${names.replace(/[^\x20-\x7E]+/g, ' ').slice(0, 200)}`
}
