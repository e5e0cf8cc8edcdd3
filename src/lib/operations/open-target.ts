import {resolve} from 'node:path'
import {defaultHome} from '../server/home.js'
import {startServer} from '../server/embedded-server.js'
import {localName, resolveTarget, type Target} from '../target/target.js'
import {readVariables} from '../target/variables.js'

/** What {@link openTarget} takes; the environment comes from the caller, since operations do not read it. */
export interface OpenTargetOptions {
  name: string
  env: NodeJS.ProcessEnv
  cwd: string
  progress: (remark: string) => void
  signal: AbortSignal
}

/**
 * Resolves a target's name, and starts the embedded server where `local` stands for it.
 * @throws ConfigurationError, UsageError, StateError
 */
export async function openTarget({name, env, cwd, progress, signal}: OpenTargetOptions): Promise<Target> {
  const variables = readVariables(env, cwd)
  const target = resolveTarget(name, variables)
  if (target !== undefined) return target
  const {url} = await startServer({home: serverHome(env, cwd), progress, signal})
  return {name: localName, url, origin: {kind: 'embedded'}}
}

/** The embedded server's home: `CRUDDUR_DB_HOME` from the environment or `.env`, else the platform's place. */
export function serverHome(env: NodeJS.ProcessEnv, cwd: string): string {
  const chosen = readVariables(env, cwd).find('CRUDDUR_DB_HOME')?.value
  return chosen ? resolve(cwd, chosen) : defaultHome(env)
}
