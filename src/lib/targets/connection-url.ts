import {inspect} from 'node:util'
import {parameterVariables} from './parameters.js'
import {isRdsHost} from './rds.js'
import type {Fallback, Source} from './sources.js'
import {type HostAndPort, parseParts, type Parts} from './url-parts.js'

export {parameterVariables}

/** Returns the password for a server when it asks for one: from a password file, or as a new token. */
export type PasswordSource = (
  server: HostAndPort,
  url: ConnectionUrl,
) => string | undefined | Promise<string | undefined>

/**
 * A Postgres connection URL in libpq's grammar (https://www.postgresql.org/docs/current/libpq-connect.html, 34.1.1.2). It
 * is parsed once, and everything else is derived from its parts. The password is in a private field, so that printing,
 * JSON and `util.inspect` do not show it. It is stricter than libpq: the database is required, and `#` and a second `@`
 * are errors.
 */
export class ConnectionUrl {
  readonly hosts: readonly HostAndPort[]
  readonly user: string
  readonly database: string
  readonly parameters: ReadonlyMap<string, string>
  /** The source of each part, by libpq's keyword. */
  readonly sources: ReadonlyMap<string, Source>
  /** Whether the server must prove with SCRAM that it knows the password: for the embedded server. */
  readonly scramOnly: boolean
  readonly #password: string | undefined
  readonly #passwords: PasswordSource | undefined
  readonly #files: ReadonlyMap<string, string>

  private constructor(parts: Parts, passwords?: PasswordSource) {
    this.hosts = parts.hosts
    this.user = parts.user
    this.database = parts.database
    this.parameters = parts.parameters
    this.sources = parts.sources
    this.scramOnly = parts.scramOnly ?? false
    this.#password = parts.password
    this.#files = parts.files
    this.#passwords = passwords
  }

  /**
   * Parses `text`. `variable` names its source in errors. `fallbackOf` supplies missing parts, for example from a service;
   * without it only libpq's defaults are used.
   * @throws ConfigurationError (`url_invalid`), which never quotes the text, and what `fallbackOf` throws
   */
  static parse(text: string, variable: string, fallbackOf?: (service: string | undefined) => Fallback): ConnectionUrl {
    return new ConnectionUrl(parseParts(text, variable, fallbackOf))
  }

  /** Makes a URL from its parts, for the embedded server. */
  static of(parts: {
    host: string
    port: number
    user: string
    password?: string | undefined
    database: string
  }): ConnectionUrl {
    const {host, port, user, password, database} = parts
    const none = new Map<string, never>()
    const sources = new Map(
      ['host', 'port', 'user', 'password', 'dbname'].map((part) => [part, {kind: 'embedded'} as const]),
    )
    const own = {hosts: [{host, port}], user, password, database, sources, scramOnly: true}
    return new ConnectionUrl({...own, parameters: none, files: none})
  }

  /** The same URL with another database. */
  withDatabase(database: string): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), database}, this.#passwords)
  }

  /** The same URL with only this server. */
  at(server: HostAndPort): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), hosts: [server]}, this.#passwords)
  }

  /** The same URL with one parameter changed. */
  withParameter(name: string, value: string): ConnectionUrl {
    return new ConnectionUrl(
      {...this.#parts(), parameters: new Map([...this.parameters, [name, value]])},
      this.#passwords,
    )
  }

  /** The same URL, for a server that must prove with SCRAM that it knows the password. */
  withScramOnly(): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), scramOnly: true}, this.#passwords)
  }

  /** The same URL with this password, or without one. */
  withPassword(password: string | undefined): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), password})
  }

  /** The same URL, but `passwords` supplies the password when a server asks for it. */
  withPasswords(passwords: PasswordSource, source?: Source): ConnectionUrl {
    const parts = this.#parts()
    const sources = source === undefined ? parts.sources : new Map([...parts.sources, ['password', source]])
    return new ConnectionUrl({...parts, sources, password: undefined}, passwords)
  }

  /** The password for a server that asks for one: that of the URL, or one from its source. */
  async passwordFor(server: HostAndPort): Promise<string | undefined> {
    return this.#password ?? this.#passwords?.(server, this)
  }

  /**
   * libpq's sslmode; undefined if it is not set, which means `prefer` in libpq. For RDS host names the default is
   * `verify-full`, because Amazon's root certificates are included.
   */
  get sslmode(): string | undefined {
    const given = this.parameters.get('sslmode')
    if (given !== undefined) return given
    return this.parameters.get('sslrootcert') === 'system' || this.hosts.some(({host}) => isRdsHost(host))
      ? 'verify-full'
      : undefined
  }

  /** The path of a TLS file: the one that is set, or the user's default if it exists. */
  tlsFile(name: 'sslrootcert' | 'sslcert' | 'sslcrl' | 'sslkey'): string | undefined {
    return this.parameters.get(name) ?? this.#files.get(name)
  }

  /** The first host. There is only one, except for failover. */
  get primary(): HostAndPort {
    const [first] = this.hosts
    if (first === undefined) throw new TypeError('the connection URL has no host')
    return first
  }

  /** The secret. Use it only for the driver, for psql's environment, and for applications that ask for it. */
  get password(): string | undefined {
    return this.#password
  }

  /** `user@host:port/database`, for people. */
  get label(): string {
    return `${this.user}@${this.hosts.map(formatHost).join(',')}/${this.database}`
  }

  /** The URL with its password, for the configuration of applications. Print it only if the user asks for it. */
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

  #parts(): Parts {
    const {hosts, user, database, parameters, sources, scramOnly} = this
    return {hosts, user, database, parameters, sources, scramOnly, password: this.#password, files: this.#files}
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
