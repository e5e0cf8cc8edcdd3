import {chmodSync, closeSync, mkdirSync, openSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'

/** Whose lines: psql's file has its own form, so that each program has one. */
export type HistoryOf = 'psql' | 'shell'

/**
 * The file of a target's history, made where it is not there, for its owner alone; undefined where it cannot be made.
 * It lies in the platform's folder for what a program remembers
 * (https://specifications.freedesktop.org/basedir-spec/latest/).
 */
export function historyFile(target: string, program: HistoryOf, env: NodeJS.ProcessEnv): string | undefined {
  const folder = join(stateFolder(env), 'history')
  const path = join(folder, `${target}.${program}`)
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700})
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
    return path
  } catch {
    // A home that cannot be written to: the lines are remembered until the end of the session.
    return undefined
  }
}

function stateFolder(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] || homedir()
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'cruddur-db')
  if (env['XDG_STATE_HOME']) return join(env['XDG_STATE_HOME'], 'cruddur-db')
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'cruddur-db')
  return join(home, '.local', 'state', 'cruddur-db')
}
