import {serverHome, type Surroundings, withTokens} from '../access/open-target.js'
import {CruddurError, StateError} from '../errors.js'
import {tlsMode} from '../postgres/connect/tls.js'
import {serverStatus} from '../server/embedded-server.js'
import {projectDatabase} from '../server/project.js'
import {passwordFileOf} from '../targets/authentication.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {fromVariable} from '../targets/fallback.js'
import {lookUpPassword} from '../targets/password-file.js'
import type {Source} from '../targets/sources.js'
import {localName, nameOf, type Origin, resolveTarget, type Target} from '../targets/target.js'
import {type FoundVariable, type Variables} from '../targets/variables.js'

/** One part of a target's URL: its value, its source, and other settings that it overrides. */
export interface TargetPart {
  part: string
  /** Never a secret; a password is `***`. */
  value: string
  source: Source
  shadowed: {variable: string; path?: string}[]
}

/** A resolved target. No connection was made and no server was started. */
export interface ShownTarget {
  name: string
  /** Without its password, unless --show-password is given; null if the embedded server is not running. */
  url: string | null
  database: string
  origin: Origin
  /** Other places where the same variable is set. */
  shadowed: {variable: string; path?: string}[]
  parts: TargetPart[]
}

/** One row of the list of targets; `problem` says why a target cannot be resolved. */
export type ListedTarget = Pick<ShownTarget, 'name' | 'url'> & {database?: string; origin?: Origin; problem?: string}

/**
 * Resolves a target and finds the source of each part of its URL. `withPassword` puts the password, or a new IAM token,
 * into `url`.
 * @throws ConfigurationError, UsageError, AwsError, StateError (`server_stopped`) if a stopped server has no URL to show
 */
export async function showTarget(
  name: string,
  withPassword: boolean,
  surroundings: Surroundings,
): Promise<ShownTarget> {
  const {variables, cwd} = surroundings
  const resolved = resolveTarget(name, variables)
  const target =
    resolved === undefined
      ? await embeddedTarget(serverHome(surroundings), cwd)
      : {...withTokens(resolved, variables), database: resolved.url.database}
  const {url, database, origin} = target
  if (url === undefined) {
    if (withPassword) throw notRunning()
    return {name, url: null, database, origin, shadowed: [], parts: []}
  }

  const shadowed =
    origin.kind === 'variable' ? hidden(origin.variable, variables.findAll(origin.variable).slice(1)) : []
  return {
    name: target.name,
    database,
    url: withPassword ? await wholeUrl(url, variables) : url.toString(),
    ...{origin, shadowed, parts: partsOf(url, variables)},
  }
}

/** Lists all targets that are set, `local` first. */
export async function listTargets(surroundings: Surroundings): Promise<ListedTarget[]> {
  const set = surroundings.variables.names().flatMap((variable) => nameOf(variable) ?? [])
  const list = [localName, ...set.filter((name) => name !== localName)].map(async (name): Promise<ListedTarget> => {
    try {
      const {url, database, origin} = await showTarget(name, false, surroundings)
      return {name, url, database, origin}
    } catch (error) {
      if (error instanceof CruddurError) return {name, url: null, problem: error.message}
      throw error
    }
  })
  return Promise.all(list)
}

async function embeddedTarget(
  home: string,
  cwd: string,
): Promise<Pick<Target, 'name' | 'origin'> & {database: string; url?: ConnectionUrl}> {
  const {url} = await serverStatus(home)
  const database = projectDatabase(home, cwd, {record: false})
  return {name: localName, database, origin: {kind: 'embedded'}, url: url?.withDatabase(database)}
}

function notRunning(): StateError {
  return new StateError('The embedded server is not running, so it has no URL.', {
    code: 'server_stopped',
  })
}

async function wholeUrl(url: ConnectionUrl, variables: Variables): Promise<string> {
  if (url.password !== undefined) return url.toStringWithPassword()
  const token = url.sources.get('password')?.kind === 'iam' ? await url.passwordFor(url.primary) : undefined
  return url.withPassword(token ?? inFile(url, variables)).toStringWithPassword()
}

function inFile(url: ConnectionUrl, variables: Variables): string | undefined {
  const {user, database, primary} = url
  const path = passwordFileOf(url, variables)
  return path === undefined ? undefined : lookUpPassword(path, {...primary, user, database}).password
}

function partsOf(url: ConnectionUrl, variables: Variables): TargetPart[] {
  const part = (name: string, value: string, source = url.sources.get(name)): TargetPart => ({
    part: name,
    value,
    source: source ?? {kind: 'default'},
    shadowed: shadowsOf(name, source, variables),
  })
  const hosts = [...new Set(url.hosts.map(({host}) => host))]
  const sslmode = url.parameters.has('sslmode')
    ? []
    : [part('sslmode', tlsMode(url, url.primary.host), {kind: 'default'})]
  return [
    part('host', hosts.join(',')),
    part('port', url.hosts.map(({port}) => port).join(',')),
    part('user', url.user),
    passwordPart(url, variables, part),
    part('dbname', url.database),
    ...[...url.parameters].map(([name, value]) => part(name, value)),
    ...sslmode,
  ]
}

function passwordPart(
  url: ConnectionUrl,
  variables: Variables,
  part: (name: string, value: string, source?: Source) => TargetPart,
): TargetPart {
  const source = url.sources.get('password')
  if (source?.kind === 'iam') return part('password', 'a token')
  if (url.password !== undefined) return part('password', '***')
  if (inFile(url, variables) === undefined) return part('password', 'none', {kind: 'default'})
  return part('password', '***', {kind: 'password_file', path: passwordFileOf(url, variables) ?? ''})
}

/** The variables that this source overrides. */
function shadowsOf(keyword: string, source: Source | undefined, variables: Variables): TargetPart['shadowed'] {
  if (source?.kind === 'variable') return hidden(source.variable, variables.findAll(source.variable).slice(1))
  if (source === undefined || source.kind === 'default') return []
  const other = fromVariable(keyword, variables)?.source
  return other?.kind === 'variable' ? [{variable: other.variable, path: other.path}] : []
}

function hidden(variable: string, found: FoundVariable[]): {variable: string; path?: string}[] {
  return found.map(({path}) => ({variable, path}))
}
