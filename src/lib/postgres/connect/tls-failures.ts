import {ConnectionError, errorCode} from '../../errors.js'
import type {Attempt} from './attempt.js'
import {TlsNotOfferedError} from './channel.js'
import {tlsMode, usesRdsRoots} from './tls.js'

/** Our code, the message and the advice for a failure. */
type TlsProblem = [code: string, message: string, ...next: string[]]

const unknownRoots: readonly string[] = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
]

/**
 * Converts a TLS error of Node or OpenSSL by its code
 * (https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes); undefined for other errors.
 */
export function tlsFailure(error: unknown, attempt: Attempt): ConnectionError | undefined {
  const code = error instanceof TlsNotOfferedError ? 'not_offered' : errorCode(error)
  const described = code === undefined ? undefined : describeVerification(code, error, attempt)
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

interface Facts {
  /** host:port */
  where: string
  /** The sslmode in use. */
  mode: string
  rdsRoots: boolean
  error: unknown
}

const byCode: Readonly<Record<string, (facts: Facts) => TlsProblem>> = {
  not_offered: ({where, mode}) => [
    'tls_not_offered',
    `${where} does not support TLS, and sslmode=${mode} requires it.`,
    'Enable TLS on the server (ssl = on), or use sslmode=prefer if you trust the network.',
  ],
  CERT_HAS_EXPIRED: ({where}) => [
    'tls_certificate_expired',
    `The certificate of ${where}, or of its authority, has expired.`,
    "Renew it on the server (on RDS: aws rds modify-db-instance --ca-certificate-identifier …), or correct this machine's clock.",
  ],
  CERT_NOT_YET_VALID: ({where}) => [
    'tls_certificate_not_yet_valid',
    `The certificate of ${where} is not valid yet.`,
    "Check this machine's clock.",
  ],
  CERT_REVOKED: ({where}) => [
    'tls_certificate_revoked',
    `The certificate of ${where} is in sslcrl, the list of revoked certificates.`,
    'Check that this is the right server. If it is, renew its certificate.',
  ],
  UNABLE_TO_GET_CRL: ({where}) => [
    'tls_revocation_unknown',
    `Whether the certificate of ${where} is revoked is not known, because sslcrl has no list of its authority.`,
    'Add the list of the authority to the file of sslcrl, or ~/.postgresql/root.crl.',
  ],
  CRL_HAS_EXPIRED: ({where}) => [
    'tls_revocation_unknown',
    `Whether the certificate of ${where} is revoked is not known, because the list in sslcrl has expired.`,
    'Get the current list of the authority for the file of sslcrl, or ~/.postgresql/root.crl.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ({where, error}) => [
    'tls_wrong_host',
    `The certificate of ${where} is for another host${certificateNames(error)}.`,
    'Use the host name of the certificate in the URL. Through a tunnel, add the address as hostaddr.',
    'To accept any host name of this authority: sslmode=verify-ca',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ({where}) => [
    'tls_self_signed',
    `The certificate of ${where} is self-signed, and it is not in sslrootcert.`,
    "Get the certificate from the server's administrator, then set: sslrootcert=<file>",
  ],
}

const unknownRoot = ({where, rdsRoots}: Facts): TlsProblem => [
  'tls_unknown_root',
  `The certificate of ${where} is from an authority that is not trusted.`,
  rdsRoots
    ? 'Amazon has newer root certificates than cruddur-db. Download https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem, then set: sslrootcert=<file>'
    : 'Set the file with the root certificate of the authority: sslrootcert=<file>; for a public authority: sslrootcert=system',
]

function describeVerification(code: string, error: unknown, {url, host}: Attempt): TlsProblem | undefined {
  const where = `${host.host}:${host.port}`
  const facts = {where, mode: tlsMode(url, host.host), rdsRoots: usesRdsRoots(url, host.host), error}
  const known = Object.hasOwn(byCode, code) ? byCode[code] : undefined
  if (known !== undefined) return known(facts)
  if (unknownRoots.includes(code)) return unknownRoot(facts)
  if (!/^(ERR_SSL|ERR_OSSL|EPROTO|CERT_|ERR_TLS)/.test(code)) return undefined
  return [
    'tls_failed',
    `TLS with ${where} failed (${code}).`,
    "Check the server's TLS settings. If it asks for a client certificate, check sslcert and sslkey.",
  ]
}

function certificateNames(error: unknown): string {
  const cert =
    error instanceof Error && 'cert' in error
      ? (error.cert as {subjectaltname?: string; subject?: {CN?: string}})
      : undefined
  const names = cert?.subjectaltname?.replaceAll(/\b(DNS|IP Address):/g, '') ?? cert?.subject?.CN
  // The text is from outside, so it is cut and cleaned of control characters.
  return names === undefined ? '' : `, ${names.replace(/[^\x20-\x7E]+/g, ' ').slice(0, 200)}`
}
