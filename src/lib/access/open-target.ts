import {dirname, resolve} from 'node:path'
import {iamTokens} from '../aws/rds-token.js'
import {resolveRegion} from '../aws/settings.js'
import {errorCode} from '../errors.js'
import {serverStatus, startServer} from '../server/embedded-server.js'
import {defaultHome, isServersOwn} from '../server/home.js'
import {projectDatabase} from '../server/project.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {embeddedHost, localName, resolveTarget, type Target} from '../targets/target.js'
import {readVariables, type Variables} from '../targets/variables.js'

/** Where a command runs. It comes from the caller, because operations do not read the environment. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  cwd: string
  variables: Variables
}

/** Reads the variables of a folder. @throws ConfigurationError (`env_file_unreadable`) */
export function readSurroundings(env: NodeJS.ProcessEnv, cwd: string): Surroundings {
  return {env, cwd, variables: readVariables(env, cwd)}
}

export interface FindTargetOptions extends Surroundings {
  name: string
}

export interface OpenTargetOptions extends FindTargetOptions {
  progress: (remark: string) => void
  signal: AbortSignal
}

/**
 * Resolves a target's name. Starts the embedded server if the target uses it and it is not running.
 * @throws ConfigurationError, UsageError, StateError
 */
export async function openTarget({progress, signal, ...options}: OpenTargetOptions): Promise<Target> {
  const target = await findTarget(options)
  if (target !== undefined) return target
  const home = serverHome(options)
  const {url} = await startServer({home, progress, signal})
  const named = resolveTarget(options.name, options.variables)
  return named === undefined ? embedded(url, home, options.cwd) : {...named, url: named.url.withScramOnly()}
}

/** Starts the embedded server if it is not running, whatever `local` is. @throws ConfigurationError, StateError */
export async function openEmbedded({progress, signal, ...options}: Omit<OpenTargetOptions, 'name'>): Promise<Target> {
  const {url} = await startServer({home: serverHome(options), progress, signal})
  return {name: localName, url, origin: {kind: 'embedded'}}
}

/**
 * Resolves a target's name. Returns undefined if the target is the embedded server and that is not running, even if a
 * variable holds the server's URL.
 * @throws ConfigurationError, UsageError
 */
export async function findTarget({name, ...surroundings}: FindTargetOptions): Promise<Target | undefined> {
  const {variables, cwd} = surroundings
  const target = resolveTarget(name, variables)
  if (target !== undefined && target.url.primary.host !== embeddedHost) return withTokens(target, variables)
  if (target !== undefined && !(await isOfServer(target, surroundings))) return withTokens(target, variables)
  const home = serverHome(surroundings)
  const {url} = await serverStatus(home)
  if (url === undefined) return undefined
  return target === undefined ? embedded(url, home, cwd) : {...target, url: target.url.withScramOnly()}
}

async function isOfServer({url}: Target, surroundings: Surroundings): Promise<boolean> {
  try {
    return await isServersOwn(url, serverHome(surroundings))
  } catch (error) {
    // An account without a home folder has no server there.
    if (errorCode(error) === 'home_missing') return false
    throw error
  }
}

function embedded(url: ConnectionUrl, home: string, cwd: string): Target {
  return {
    name: localName,
    url: url.withDatabase(projectDatabase(home, cwd, {record: true})),
    origin: {kind: 'embedded'},
  }
}

/** A note about a variable that the user may expect this program to read; undefined if there is none. */
export function overlooked({origin}: Target, {variables}: Surroundings): string | undefined {
  if (origin.kind !== 'embedded' || variables.find('DATABASE_URL') === undefined) return undefined
  return 'DATABASE_URL is set but not used. To use that database as local: export CONNECTION_URL="$DATABASE_URL"'
}

/** If `<NAME>_CONNECTION_AUTH` is `iam`, replaces the password with IAM tokens. The SDK is loaded when one is needed. */
export function withTokens(target: Target, variables: Variables): Target {
  if (target.authentication !== 'iam') return target
  const tokens = iamTokens(resolveRegion(undefined, variables))
  return {...target, url: target.url.withPasswords(tokens, {kind: 'iam'})}
}

/**
 * The home of the embedded server: `CRUDDUR_DB_HOME`, relative to the current folder or to the folder of its `.env` file;
 * otherwise the platform's default.
 * @throws ConfigurationError (`home_missing`)
 */
export function serverHome({env, cwd, variables}: Surroundings): string {
  const chosen = variables.find('CRUDDUR_DB_HOME')
  if (!chosen?.value) return defaultHome(env)
  return resolve(chosen.path === undefined ? cwd : dirname(chosen.path), chosen.value)
}
