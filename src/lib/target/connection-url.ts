import {userInfo} from 'node:os'
import {inspect} from 'node:util'
import {ConfigurationError} from '../errors.js'

/** One server of a connection URL: `host` is a name, an address or the folder of a Unix socket. */
export interface HostAndPort {
  host: string
  port: number
}

/** The URL's parts, decoded. */
interface Parts {
  hosts: HostAndPort[]
  user: string
  password: string | undefined
  database: string
  parameters: ReadonlyMap<string, string>
}

const schemes = ['postgres://', 'postgresql://']
const maxIdentifierBytes = 63
const escapes = 'In a user or password write # as %23, @ as %40, / as %2F, ? as %3F, : as %3A and % as %25.'
const shape = 'A connection URL looks like postgresql://user:password@host:5432/database'

/**
 * The parameters of a connection URL that this tool knows, each with the variable in which psql takes the same
 * (https://www.postgresql.org/docs/current/libpq-envars.html). Any other is refused, as libpq refuses it: a misspelt
 * `sslmode` must not go unnoticed.
 */
export const parameterVariables: Readonly<Record<string, string>> = {
  application_name: 'PGAPPNAME',
  channel_binding: 'PGCHANNELBINDING',
  client_encoding: 'PGCLIENTENCODING',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  gssencmode: 'PGGSSENCMODE',
  options: 'PGOPTIONS',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
}

/** Parameters that stand for a part of the URL itself. */
const partParameters = ['host', 'port', 'user', 'password', 'dbname']

/**
 * A Postgres connection URL by libpq's grammar (https://www.postgresql.org/docs/current/libpq-connect.html, 34.1.1.2),
 * parsed once: everything else is derived from its parts, never by editing its text. The password stays in a private
 * field, so that printing, JSON and `util.inspect` show the URL without it. Stricter than libpq in three places: the
 * database must be named, and `#` and a second `@` are errors rather than a surprise.
 */
export class ConnectionUrl {
  readonly hosts: readonly HostAndPort[]
  readonly user: string
  readonly database: string
  readonly parameters: ReadonlyMap<string, string>
  readonly #password: string | undefined

  private constructor(parts: Parts) {
    this.hosts = parts.hosts
    this.user = parts.user
    this.database = parts.database
    this.parameters = parts.parameters
    this.#password = parts.password
  }

  /**
   * Parses `text`. `variable` is where it came from, for the error's sentence.
   * @throws ConfigurationError (`url_invalid`) which never quotes the text
   */
  static parse(text: string, variable: string): ConnectionUrl {
    return new ConnectionUrl(parseParts(text, variable))
  }

  /** A URL from its parts, as the embedded server makes it. */
  static of(parts: {host: string; port: number; user: string; password?: string; database: string}): ConnectionUrl {
    const {host, port, user, password, database} = parts
    return new ConnectionUrl({hosts: [{host, port}], user, password, database, parameters: new Map()})
  }

  /** The same server and user, another database: how the maintenance connection is derived. */
  withDatabase(database: string): ConnectionUrl {
    const {hosts, user, parameters} = this
    return new ConnectionUrl({hosts: [...hosts], user, password: this.#password, database, parameters})
  }

  /** The first host, which is the only one in all but failover set-ups. */
  get primary(): HostAndPort {
    const [first] = this.hosts
    if (first === undefined) throw new TypeError('a connection URL without a host')
    return first
  }

  /** The secret: for the driver, psql's environment and an application that asks for it, nothing else. */
  get password(): string | undefined {
    return this.#password
  }

  /** `user@host:port/database`, for people. */
  get label(): string {
    return `${this.user}@${this.hosts.map(formatHost).join(',')}/${this.database}`
  }

  /** The URL with its password, for an application's configuration; print it only where the user asked for it. */
  toStringWithPassword(): string {
    const password = this.#password === undefined ? '' : `:${encodeURIComponent(this.#password)}`
    return this.#format(password)
  }

  toString(): string {
    return this.#format(this.#password === undefined ? '' : ':***')
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }

  #format(password: string): string {
    const hosts = this.hosts.map(formatHost).join(',')
    const query = [...this.parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    const path = `${encodeURIComponent(this.user)}${password}@${hosts}/${encodeURIComponent(this.database)}`
    return `postgresql://${path}${query === '' ? '' : `?${query}`}`
  }
}

function formatHost({host, port}: HostAndPort): string {
  if (host.startsWith('/')) return `${encodeURIComponent(host)}:${port}`
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function invalid(variable: string, problem: string, next: string): ConfigurationError {
  return new ConfigurationError(`${variable} ${problem}.`, {code: 'url_invalid', next: [next], details: {variable}})
}

function parseParts(text: string, variable: string): Parts {
  const scheme = schemes.find((candidate) => text.toLowerCase().startsWith(candidate))
  if (scheme === undefined) {
    const other = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]
    const problem = other === undefined ? 'is not a URL' : `is a ${other}:// URL, not a Postgres one`
    throw invalid(variable, problem, `${shape}.`)
  }

  const rest = text.slice(scheme.length)
  if (rest.includes('#')) throw invalid(variable, 'has an unescaped #', escapes)
  if (/\s/.test(rest)) throw invalid(variable, 'has a space or line break in it', 'Write a space as %20.')
  const queryStart = rest.indexOf('?')
  const beforeQuery = queryStart === -1 ? rest : rest.slice(0, queryStart)
  const slash = beforeQuery.indexOf('/')
  const authority = slash === -1 ? beforeQuery : beforeQuery.slice(0, slash)
  const path = slash === -1 ? '' : beforeQuery.slice(slash + 1)
  const at = authority.indexOf('@')
  if (at !== authority.lastIndexOf('@')) throw invalid(variable, 'has an unescaped @', escapes)
  if (at === -1 && (path.includes('@') || (queryStart !== -1 && /@[^=&]*\//.test(rest.slice(queryStart))))) {
    throw invalid(variable, 'has an unescaped / or ? before the @', escapes)
  }

  const decode = (value: string): string => decodePart(value, variable)
  const parameters = parseQuery(queryStart === -1 ? '' : rest.slice(queryStart + 1), variable, decode)
  const credentials = at === -1 ? '' : authority.slice(0, at)
  const colon = credentials.indexOf(':')
  const password = colon === -1 ? parameters.get('password') : decode(credentials.slice(colon + 1))
  const user = decode(colon === -1 ? credentials : credentials.slice(0, colon)) || parameters.get('user')
  const parts: Parts = {
    hosts: parseHosts(authority.slice(at + 1), variable, parameters, decode),
    user: user || userInfo().username,
    password: password === '' ? undefined : password,
    database: checkDatabase(decode(path) || (parameters.get('dbname') ?? ''), variable),
    parameters: new Map([...parameters].filter(([name]) => !partParameters.includes(name))),
  }
  return parts
}

function decodePart(value: string, variable: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(value)
  } catch {
    throw invalid(variable, 'has a % that is not followed by two hexadecimal digits', escapes)
  }

  if (decoded.includes('\0')) throw invalid(variable, 'has a %00 in it', 'Postgres names cannot hold a zero byte.')
  return decoded
}

function parseQuery(query: string, variable: string, decode: (value: string) => string): Map<string, string> {
  const parameters = new Map<string, string>()
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    if (!partParameters.includes(name) && parameterVariables[name] === undefined) {
      const known = Object.keys(parameterVariables).join(', ')
      throw invalid(variable, `has a parameter after the ? that libpq or this tool does not know`, `Known are: ${known}.`)
    }

    parameters.set(name, equals === -1 ? '' : decode(pair.slice(equals + 1)))
  }

  return parameters
}

function parseHosts(
  text: string,
  variable: string,
  parameters: ReadonlyMap<string, string>,
  decode: (value: string) => string,
): HostAndPort[] {
  const hosts = text === '' ? (parameters.get('host') ?? '').split(',') : text.split(',')
  const ports = (parameters.get('port') ?? '').split(',')
  return hosts.map((entry, index) => {
    const match = text === '' ? undefined : /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(entry)
    if (match === null) throw invalid(variable, 'has a host and port that cannot be told apart', `${shape}. ${escapes}`)
    const host = match === undefined ? entry : decode(match[1] ?? match[2] ?? '')
    const port = match?.[3] || (ports.length > 1 ? ports[index] : ports[0]) || '5432'
    return {host: host || 'localhost', port: parsePort(port, variable)}
  })
}

function parsePort(text: string, variable: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  // The text may be a piece of a password with a colon in it, so only a number is quoted.
  const shown = /^\d+$/.test(text) ? ` ${text}` : ''
  throw invalid(variable, `has an invalid port${shown}`, `A port is a number from 1 to 65535. ${escapes}`)
}

function checkDatabase(name: string, variable: string): string {
  if (name === '') throw invalid(variable, 'names no database', `${shape}: add /database after the host.`)
  const bytes = Buffer.byteLength(name)
  if (bytes <= maxIdentifierBytes) return name
  throw invalid(variable, `names a database of ${bytes} bytes`, `Postgres cuts names at ${maxIdentifierBytes} bytes: choose a shorter one.`)
}
