import {resolve} from 'node:path'
import {iamTokens} from '../aws/rds-token.js'
import {resolveRegion} from '../aws/settings.js'
import {defaultHome} from '../server/home.js'
import {serverStatus, startServer} from '../server/embedded-server.js'
import type {ConnectionUrl} from '../target/connection-url.js'
import {localName, resolveTarget, type Target} from '../target/target.js'
import {readVariables, type Variables} from '../target/variables.js'

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
 * Resolves a target's name, and starts the embedded server where `local` stands for it.
 * @throws ConfigurationError, UsageError, StateError
 */
export async function openTarget({progress, signal, ...options}: OpenTargetOptions): Promise<Target> {
  const target = await findTarget(options)
  if (target !== undefined) return target
  const {url} = await startServer({home: serverHome(options.env, options.cwd), progress, signal})
  return embedded(url)
}

/**
 * Resolves a target's name; undefined where an embedded server is meant that does not run.
 * @throws ConfigurationError, UsageError
 */
export async function findTarget({name, env, cwd}: FindTargetOptions): Promise<Target | undefined> {
  const variables = readVariables(env, cwd)
  const target = resolveTarget(name, variables)
  if (target !== undefined) return withTokens(target, variables)
  const {url} = await serverStatus(serverHome(env, cwd))
  return url && embedded(url)
}

const embedded = (url: ConnectionUrl): Target => ({name: localName, url, origin: {kind: 'embedded'}})

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
