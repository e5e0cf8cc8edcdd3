import {isIP} from 'node:net'
import {ConfigurationError} from '../errors.js'
import {maxIdentifierBytes} from './identifier.js'
import {accountName} from './account.js'
import {defaultHost} from './default-host.js'
import {refuseDemands} from './demands.js'
import {otherText, urlShape} from './other-text.js'
import {isParameter, knownParameters, parameterProblem, parameterVariables, withSslMode} from './parameters.js'
import type {Fallback, Setting, Source} from './sources.js'

/** One server of a connection URL. */
export interface HostAndPort {
  /** A host name, an IP address or the folder of a Unix socket. The server's certificate must have this name. */
  host: string
  port: number
  /** The IP address to connect to, so that DNS is not asked: libpq's `hostaddr`. */
  address?: string | undefined
}

/** The parts of a URL, decoded and complete. */
export interface Parts {
  hosts: readonly HostAndPort[]
  user: string
  password: string | undefined
  database: string
  parameters: ReadonlyMap<string, string>
  sources: ReadonlyMap<string, Source>
  /** The user's default TLS files, used if no others are set. */
  files: ReadonlyMap<string, string>
  /** Whether the server must prove with SCRAM that it knows the password. */
  scramOnly?: boolean
}

const schemes = ['postgres://', 'postgresql://']
const escapes = 'In a user or password, write # as %23, @ as %40, / as %2F, ? as %3F, : as %3A and % as %25.'

function invalidUrl(variable: string, problem: string, next: string): ConfigurationError {
  return new ConfigurationError(`${variable} ${problem}.`, {code: 'url_invalid', next: [next], details: {variable}})
}

/**
 * Splits a connection URL, and fills in missing parts.
 * @throws ConfigurationError (`url_invalid`), and what `fallbackOf` throws
 */
export function parseParts(
  text: string,
  variable: string,
  fallbackOf?: (service: string | undefined) => Fallback,
): Parts {
  const scheme = schemes.find((candidate) => text.toLowerCase().startsWith(candidate))
  if (scheme === undefined) {
    const {problem, next} = otherText(text)
    throw invalidUrl(variable, problem, next)
  }

  const rest = text.slice(scheme.length)
  if (rest.includes('#')) throw invalidUrl(variable, 'has an unescaped #', escapes)
  if (/\s/.test(rest)) throw invalidUrl(variable, 'contains a space or a line break', 'Write a space as %20.')
  const queryStart = rest.indexOf('?')
  const beforeQuery = queryStart === -1 ? rest : rest.slice(0, queryStart)
  const slash = beforeQuery.indexOf('/')
  const authority = slash === -1 ? beforeQuery : beforeQuery.slice(0, slash)
  const path = slash === -1 ? '' : beforeQuery.slice(slash + 1)
  const at = authority.indexOf('@')
  if (at !== authority.lastIndexOf('@')) throw invalidUrl(variable, 'has an unescaped @', escapes)
  if (at === -1 && (path.includes('@') || (queryStart !== -1 && /@[^=&]*\//.test(rest.slice(queryStart))))) {
    throw invalidUrl(variable, 'has an unescaped / or ? before the @', escapes)
  }

  const decode = (value: string): string => decodePart(value, variable)
  const parameters = parseQuery(queryStart === -1 ? '' : rest.slice(queryStart + 1), variable, decode)
  const front = parseFront(
    {credentials: at === -1 ? '' : authority.slice(0, at), hosts: authority.slice(at + 1), path},
    variable,
    decode,
  )
  if (parameters.has('service') && fallbackOf === undefined) {
    throw invalidUrl(
      variable,
      'names a service, which is not supported here',
      'Write the host, user and database into the URL.',
    )
  }

  const fallback = fallbackOf?.(parameters.get('service')) ?? (() => undefined)
  // As in libpq, the query overrides the rest.
  return completeParts(new Map([...front, ...parameters]), variable, fallback)
}

/** Parses the URL before the query, by libpq's keywords. Empty parts are left out. */
function parseFront(
  {credentials, hosts, path}: {credentials: string; hosts: string; path: string},
  variable: string,
  decode: (value: string) => string,
): Map<string, string> {
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(credentials) ?? []
  const servers = hosts.split(',').map((entry) => {
    const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s.exec(entry)
    if (match === null)
      throw invalidUrl(variable, 'has a host and port that cannot be separated', `${urlShape}. ${escapes}`)
    return {host: match[1] ?? match[2] ?? '', port: match[3] ?? ''}
  })
  const given = [
    ['user', user],
    ['password', password],
    ['host', servers.map(({host}) => host).join(',')],
    ['port', servers.map(({port}) => port).join(',')],
    ['dbname', path],
  ] as const
  return new Map(given.filter(([, value]) => value !== '').map(([keyword, value]) => [keyword, decode(value)]))
}

/** Takes each part from the URL, the fallback or libpq's default, and records its source. */
function completeParts(inUrl: ReadonlyMap<string, string>, variable: string, fallback: Fallback): Parts {
  const sources = new Map<string, Source>()
  const find = (keyword: string): string | undefined => {
    const value = inUrl.get(keyword)
    const found: Setting | undefined = value === undefined ? fallback(keyword) : {value, source: {kind: 'url'}}
    if (found !== undefined) sources.set(keyword, found.source)
    return found?.value
  }
  const hosts = parseHosts(variable, (keyword) => (find(keyword) ?? '').split(','))

  const parameters = new Map<string, string>()
  const files = new Map<string, string>()
  for (const keyword of new Set([...inUrl.keys(), ...Object.keys(parameterVariables)])) {
    const value = Object.hasOwn(parameterVariables, keyword) ? find(keyword) : undefined
    if (value === undefined) continue
    if (sources.get(keyword)?.kind === 'default') files.set(keyword, value)
    else parameters.set(keyword, value)
  }

  // As in libpq, this name is used if nothing else sets one.
  const fallbackName = parameters.get('fallback_application_name')
  if (fallbackName && !parameters.has('application_name')) {
    parameters.set('application_name', fallbackName)
    sources.set('application_name', sources.get('fallback_application_name') ?? {kind: 'default'})
  }

  parameters.delete('fallback_application_name')
  refuseDemands(parameters, fallback, {onSocket: hosts.some(({host}) => host.startsWith('/')), sources})

  return {
    hosts,
    user: find('user') || userOfProcess(variable),
    password: find('password') || undefined,
    database: checkDatabase(find('dbname') ?? '', variable),
    ...{parameters, sources, files},
  }
}

function userOfProcess(variable: string): string {
  const name = accountName()
  if (name !== undefined) return name
  throw invalidUrl(
    variable,
    `names no user, and the account of this process (uid ${process.getuid?.()}) has no name`,
    'Write the user into the URL, or set PGUSER.',
  )
}

function decodePart(value: string, variable: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(value)
  } catch {
    throw invalidUrl(variable, 'has a % that is not followed by two hexadecimal digits', escapes)
  }

  if (decoded.includes('\0')) throw invalidUrl(variable, 'contains %00', 'Postgres names cannot contain a zero byte.')
  return decoded
}

function parseQuery(query: string, variable: string, decode: (value: string) => string): Map<string, string> {
  const parameters = new Map<string, string>()
  // A second @ may mean that the query begins inside a password, which a name would quote.
  const mayBeSecret = query.includes('@')
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=')
    const name = decode(equals === -1 ? pair : pair.slice(0, equals))
    if (!isParameter(name)) {
      const shown = mayBeSecret || equals === -1 || !/^[a-z][\w.-]{0,39}$/i.test(name) ? '' : `: ${name}`
      throw invalidUrl(
        variable,
        `has an unknown parameter after the ?${shown}`,
        `Supported: ${knownParameters.join(', ')}.`,
      )
    }

    const value = equals === -1 ? '' : decode(pair.slice(equals + 1))
    const problem = parameterProblem(name, value)
    if (problem !== undefined)
      throw invalidUrl(
        variable,
        problem,
        name === 'ssl' ? 'Use sslmode, for example sslmode=disable.' : `Correct ${name}.`,
      )
    parameters.set(name, value)
  }

  return withSslMode(parameters)
}

/** The servers, from libpq's three lists. A single port is used for all of them. */
function parseHosts(variable: string, list: (keyword: string) => string[]): HostAndPort[] {
  const [hosts, addresses, ports] = [list('host'), list('hostaddr'), list('port')]
  const isGiven = (values: string[]): boolean => values.join(',') !== ''
  const servers = isGiven(addresses) && !isGiven(hosts) ? addresses : hosts
  for (const [values, what] of [
    [addresses, 'addresses in hostaddr'],
    [ports, 'ports'],
  ] as const) {
    if (values.length === servers.length || (values.length === 1 && (values === ports || !isGiven(values)))) continue
    throw invalidUrl(
      variable,
      `names ${servers.length === 1 ? 'one host' : `${servers.length} hosts`} and ${values.length} ${what}`,
      'Write one for each host, in the same order. Values after the ? override others.',
    )
  }

  return servers.map((_, index) => {
    const address = checkHostAddress(addresses[index] ?? '', variable)
    const port = parsePort((ports.length > 1 ? ports[index] : ports[0]) || '5432', variable)
    return {host: hosts[index] || address || defaultHost(port), port, ...(address === '' ? {} : {address})}
  })
}

function checkHostAddress(text: string, variable: string): string {
  if (text === '' || isIP(text) !== 0) return text
  throw invalidUrl(
    variable,
    'has a hostaddr that is not an IP address',
    'Write the host name before the /, and its IP address into hostaddr, or leave hostaddr out.',
  )
}

function parsePort(text: string, variable: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  // The text may be a part of a password with a colon, so only a number is quoted.
  const shown = /^\d+$/.test(text) ? ` ${text}` : ''
  throw invalidUrl(variable, `has an invalid port${shown}`, `A port is a number from 1 to 65535. ${escapes}`)
}

function checkDatabase(name: string, variable: string): string {
  if (name === '')
    throw invalidUrl(
      variable,
      'names no database',
      `Add /database after the host: postgresql://user:password@host:5432/database`,
    )
  const bytes = Buffer.byteLength(name)
  if (bytes <= maxIdentifierBytes) return name
  throw invalidUrl(
    variable,
    `names a database of ${bytes} bytes`,
    `Postgres cuts names after ${maxIdentifierBytes} bytes. Use a shorter name.`,
  )
}
