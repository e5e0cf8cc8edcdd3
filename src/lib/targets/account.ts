import {readlinkSync} from 'node:fs'
import {homedir, userInfo} from 'node:os'
import {sep} from 'node:path'

/** The home folder; undefined if HOME is not set and the account has no entry in passwd, as in many containers. */
export function homeFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env['HOME'] && process.platform !== 'win32') return env['HOME']
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/** The name of the account; undefined if it has no entry in passwd. */
export function accountName(): string | undefined {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/**
 * The working folder. If it was deleted, a path where nothing is, whose parents are those of the folder if the system
 * knows them: commands that need no file of it work on.
 */
export function workingFolder(): string {
  try {
    return process.cwd()
  } catch {
    // Not PWD, which may name the folder of another program.
    return onLinux() ?? `${sep}deleted working folder`
  }
}

function onLinux(): string | undefined {
  try {
    return readlinkSync('/proc/self/cwd')
  } catch {
    return undefined
  }
}
