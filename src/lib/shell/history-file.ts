import {chmodSync, closeSync, mkdirSync, openSync} from 'node:fs'
import {join} from 'node:path'
import {homeFolder} from '../targets/account.js'

/** The program of a history file. psql has its own format, so there is one file for each program. */
export type HistoryOf = 'psql' | 'shell'

/**
 * The history file of a target, in the platform's folder for state
 * (https://specifications.freedesktop.org/basedir-spec/latest/). It is created if needed, readable only by its owner.
 * Undefined if it cannot be created.
 */
export function historyFile(target: string, program: HistoryOf, env: NodeJS.ProcessEnv): string | undefined {
  const state = stateFolder(env)
  if (state === undefined) return undefined
  const folder = join(state, 'history')
  const path = join(folder, `${target}.${program}`)
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700})
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
    return path
  } catch {
    // If the home is not writable, the history lasts only until the end of the session.
    return undefined
  }
}

function stateFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (process.platform !== 'win32' && env['XDG_STATE_HOME']) return join(env['XDG_STATE_HOME'], 'cruddur-db')
  const home = homeFolder(env)
  if (home === undefined) return undefined
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'cruddur-db')
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'cruddur-db')
  return join(home, '.local', 'state', 'cruddur-db')
}
