import {lstatSync, realpathSync, statSync} from 'node:fs'
import {delimiter, join, resolve, sep} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'

/** The variable with the folders of other users that may be used, separated like PATH. `*` allows all. */
export const safeVariable = 'CRUDDUR_DB_SAFE_DIRECTORY'

/** Who runs this program. */
export interface Runner {
  env: NodeJS.ProcessEnv
  /** The effective user id; undefined on Windows, where owners are not compared. */
  uid: number | undefined
}

/** What is used of a folder without being named by the user. */
const usedNames = ['.env', 'sql']

/**
 * Refuses a folder whose `.env` or `sql/` another user can have written, as git does with its `safe.directory`
 * (https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory): they could send this user's commands
 * and password to another server. Root's files are accepted, because root can do that anyway.
 * @throws ConfigurationError (`folder_of_other_user`)
 */
export function refuseForeignFolder(folder: string, {env, uid}: Runner): void {
  if (uid === undefined) return
  const used = usedNames.map((name) => join(folder, name)).filter((path) => ownersOf(path).length > 0)
  if (used.length === 0) return
  const trusted = trustedOwners({env, uid})
  for (const path of [...used, join(folder, '.git'), folder]) {
    const owner = ownersOf(path).find((other) => !trusted.includes(other))
    if (owner === undefined || isSafe(folder, env)) continue
    throw new ConfigurationError(
      `${path} belongs to another user (uid ${owner}, and this is uid ${uid}), so ${used.join(' and ')} cannot be trusted. Nothing was changed.`,
      {
        code: 'folder_of_other_user',
        next: [
          `If you trust this folder: export ${safeVariable}=${folder}`,
          `Or run the command as the user with uid ${owner}, or in a folder of your own.`,
        ],
        details: {folder, path, owner, uid},
      },
    )
  }
}

/** The users whose files are accepted: this one, root, and for root the one who has become root with sudo. */
export function trustedOwners({env, uid}: {env: NodeJS.ProcessEnv; uid: number}): number[] {
  return [uid, 0, ...(uid === 0 ? [Number(env['SUDO_UID'] || NaN)] : [])]
}

/** The owners of a path and, for a link, of what it leads to; none if it does not exist. */
function ownersOf(path: string): number[] {
  try {
    return [lstatSync(path).uid, statSync(path, {throwIfNoEntry: false})?.uid ?? []].flat()
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    // A folder that cannot be searched has nothing that could be used.
    if (code === 'EACCES' || code === 'ELOOP') return []
    throw error
  }
}

/** Whether `CRUDDUR_DB_SAFE_DIRECTORY` allows the folder. */
export function isSafe(folder: string, env: NodeJS.ProcessEnv): boolean {
  const listed = (env[safeVariable] ?? '').split(delimiter).filter((entry) => entry !== '')
  return listed.some((entry) => entry === '*' || contains(realPath(entry), realPath(folder)))
}

function contains(parent: string, folder: string): boolean {
  return folder === parent || folder.startsWith(parent.endsWith(sep) ? parent : `${parent}${sep}`)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
