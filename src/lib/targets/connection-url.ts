import {inspect} from 'node:util'
import {isRdsHost} from './rds.js'
import type {Fallback, Source} from './sources.js'
import {type HostAndPort, parameterVariables, parseParts, type Parts} from './url-parts.js'

export {parameterVariables}

/** Finds the password for one server when it asks for one: in a password file, or as a token that is made then. */
export type PasswordSource = (
  server: HostAndPort,
  url: ConnectionUrl,
) => string | undefined | Promise<string | undefined>

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
  /** Where each part is from, by libpq's keyword. */
  readonly sources: ReadonlyMap<string, Source>
  readonly #password: string | undefined
  readonly #passwords: PasswordSource | undefined
  readonly #files: ReadonlyMap<string, string>

  private constructor(parts: Parts, passwords?: PasswordSource) {
    this.hosts = parts.hosts
    this.user = parts.user
    this.database = parts.database
    this.parameters = parts.parameters
    this.sources = parts.sources
    this.#password = parts.password
    this.#files = parts.files
    this.#passwords = passwords
  }

  /**
   * Parses `text`. `variable` is where it came from, for the error's sentence. `fallbackOf` gives what the URL leaves
   * out, from the service that the URL may name and from elsewhere; without it there are only libpq's own defaults.
   * @throws ConfigurationError (`url_invalid`) which never quotes the text, and what `fallbackOf` throws
   */
  static parse(text: string, variable: string, fallbackOf?: (service: string | undefined) => Fallback): ConnectionUrl {
    return new ConnectionUrl(parseParts(text, variable, fallbackOf))
  }

  /** A URL from its parts, as the embedded server makes it. */
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
    return new ConnectionUrl({hosts: [{host, port}], user, password, database, sources, parameters: none, files: none})
  }

  /** The same server and user, another database: how the maintenance connection is derived. */
  withDatabase(database: string): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), database}, this.#passwords)
  }

  /** The same, but for that one server. */
  at(server: HostAndPort): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), hosts: [server]}, this.#passwords)
  }

  /** The same with one parameter set to that. */
  withParameter(name: string, value: string): ConnectionUrl {
    return new ConnectionUrl(
      {...this.#parts(), parameters: new Map([...this.parameters, [name, value]])},
      this.#passwords,
    )
  }

  /** The same with this password, or without a password. */
  withPassword(password: string | undefined): ConnectionUrl {
    return new ConnectionUrl({...this.#parts(), password})
  }

  /** The same without a password of its own, which `passwords` gives for each server when it is asked for one. */
  withPasswords(passwords: PasswordSource, source?: Source): ConnectionUrl {
    const parts = this.#parts()
    const sources = source === undefined ? parts.sources : new Map([...parts.sources, ['password', source]])
    return new ConnectionUrl({...parts, sources, password: undefined}, passwords)
  }

  /** The password for that server, once it asks for one: the URL's own, else what its source gives. */
  async passwordFor(server: HostAndPort): Promise<string | undefined> {
    return this.#password ?? this.#passwords?.(server, this)
  }

  /**
   * How TLS is used, by libpq's names. Undefined where nothing says so, and libpq would take `prefer`; Amazon RDS's own
   * host names are verified unless told otherwise, since their roots are known.
   */
  get sslmode(): string | undefined {
    const given = this.parameters.get('sslmode')
    if (given !== undefined) return given
    return this.parameters.get('sslrootcert') === 'system' || this.hosts.some(({host}) => isRdsHost(host))
      ? 'verify-full'
      : undefined
  }

  /** The path of a file for TLS: the one that was given, else the user's own where there is one. */
  tlsFile(name: 'sslrootcert' | 'sslcert' | 'sslkey'): string | undefined {
    return this.parameters.get(name) ?? this.#files.get(name)
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

  #parts(): Parts {
    const {hosts, user, database, parameters, sources} = this
    return {hosts, user, database, parameters, sources, password: this.#password, files: this.#files}
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
