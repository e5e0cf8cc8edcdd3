import {createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate} from 'node:crypto'
import {isIP} from 'node:net'

/** A certificate and its key, as PEM. */
export interface Certificate {
  cert: string
  key: string
  name: string
  privateKey: KeyObject
}

export interface CertificateOptions {
  /** The common name. */
  name: string
  /** The DNS names and addresses of the subject. */
  hosts?: string[]
  /** The signer; a certificate without one is self-signed. */
  issuer?: Certificate
  authority?: boolean
  from?: Date
  to?: Date
}

const day = 86_400_000

/** Makes a certificate with a new key (RFC 5280), so that the repository has no key and no certificate that expires. */
export function issue({name, hosts = [], issuer, authority = false, from, to}: CertificateOptions): Certificate {
  const {privateKey, publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
  const info = publicKey.export({type: 'spki', format: 'der'})
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const start = from ?? new Date(Date.now() - day)
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(issuer?.name ?? name),
    sequence(time(start), time(to ?? new Date(Date.now() + 30 * day))),
    distinguishedName(name),
    info,
    tagged(0xa3, sequence(...extensions(hosts, authority, info))),
  )
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey)
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    cert: pem('CERTIFICATE', der),
    key: privateKey.export({type: 'pkcs8', format: 'pem'}).toString(),
    name,
    privateKey,
  }
}

/** Makes the authority's list of these certificates as revoked, as PEM. */
export function revoke(issuer: Certificate, ...certificates: Certificate[]): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const now = new Date(Date.now() - day)
  const entries = certificates.map(({cert}) =>
    sequence(integer(Buffer.from(new X509Certificate(cert).serialNumber, 'hex')), time(now)),
  )
  const body = sequence(
    integer(Buffer.from([1])),
    algorithm,
    distinguishedName(issuer.name),
    ...[time(now), time(new Date(Date.now() + 30 * day))],
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  )
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, issuer.privateKey)]))
  return pem('X509 CRL', sequence(body, algorithm, signature))
}

function pem(kind: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`
}

function extensions(hosts: string[], authority: boolean, info: Buffer): Buffer[] {
  const names = hosts.map((host) => {
    if (isIP(host) === 4) return tagged(0x87, Buffer.from(host.split('.').map(Number)))
    return tagged(0x82, Buffer.from(host))
  })
  const constraints = authority ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence()
  return [
    extension('2.5.29.19', constraints, true),
    extension('2.5.29.14', tagged(0x04, createHash('sha1').update(info).digest())),
    ...(names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : []),
  ]
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, value))
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))))
}

function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`))
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes)
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = rest.flatMap((number) => {
    const digits = [number & 0x7f]
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return tagged(0x06, Buffer.from([first * 40 + second, ...bytes]))
}

function tagged(tag: number, content: Buffer): Buffer {
  const {length} = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}
