import {resolve} from 'node:path'
import {iamTokens} from '../aws/rds-token.js'
import {resolveRegion} from '../aws/settings.js'
import {serverStatus, startServer} from '../server/embedded-server.js'
import {defaultHome, isServersOwn} from '../server/home.js'
import {projectDatabase} from '../server/project.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {embeddedHost, localName, resolveTarget, type Target} from '../targets/target.js'
import {readVariables, type Variables} from '../targets/variables.js'

/** Where a target is looked for; the environment comes from the caller, since operations do not read it. */
export interface FindTargetOptions {
  name: string
  env: NodeJS.ProcessEnv
  cwd: string
}

/** What {@link openTarget} takes. */
export interface OpenTargetOptions extends FindTargetOptions {
  progress: (remark: string) => void
  signal: AbortSignal
}

/**
 * Resolves a target's name, and starts the embedded server where that is meant and does not run.
 * @throws ConfigurationError, UsageError, StateError
 */
export async function openTarget({progress, signal, ...options}: OpenTargetOptions): Promise<Target> {
  const target = await findTarget(options)
  if (target !== undefined) return target
  const {env, cwd} = options
  const home = serverHome(env, cwd)
  const {url} = await startServer({home, progress, signal})
  return resolveTarget(options.name, readVariables(env, cwd)) ?? embedded(url, home, cwd)
}

/**
 * Resolves a target's name; undefined where an embedded server is meant that does not run: by a URL of its own, too, which
 * an application has in its settings.
 * @throws ConfigurationError, UsageError
 */
export async function findTarget({name, env, cwd}: FindTargetOptions): Promise<Target | undefined> {
  const variables = readVariables(env, cwd)
  const target = resolveTarget(name, variables)
  if (target !== undefined && target.url.primary.host !== embeddedHost) return withTokens(target, variables)
  const home = serverHome(env, cwd)
  if (target !== undefined && !(await isServersOwn(target.url, home))) return withTokens(target, variables)
  const {url} = await serverStatus(home)
  return url && (target ?? embedded(url, home, cwd))
}

function embedded(url: ConnectionUrl, home: string, cwd: string): Target {
  return {
    name: localName,
    url: url.withDatabase(projectDatabase(home, cwd, {record: true})),
    origin: {kind: 'embedded'},
  }
}

/** What a user may have meant to be read, and is not: undefined where there is no such thing. */
export function overlooked({origin}: Target, {env, cwd}: Omit<FindTargetOptions, 'name'>): string | undefined {
  if (origin.kind !== 'embedded' || readVariables(env, cwd).find('DATABASE_URL') === undefined) return undefined
  return 'DATABASE_URL is set, and not read. To use that database as local: export CONNECTION_URL="$DATABASE_URL"'
}

/** Where `<NAME>_CONNECTION_AUTH` is `iam`, a token stands in for the password; the SDK is loaded when one is asked for. */
export function withTokens(target: Target, variables: Variables): Target {
  if (target.authentication !== 'iam') return target
  const tokens = iamTokens(resolveRegion(undefined, variables))
  return {...target, url: target.url.withPasswords(tokens, {kind: 'iam'})}
}

/** The embedded server's home: `CRUDDUR_DB_HOME` from the environment or `.env`, else the platform's place. */
export function serverHome(env: NodeJS.ProcessEnv, cwd: string): string {
  const chosen = readVariables(env, cwd).find('CRUDDUR_DB_HOME')?.value
  return chosen ? resolve(cwd, chosen) : defaultHome(env)
}
