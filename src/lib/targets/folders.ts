import {existsSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {refuseForeignFolder, type Runner} from './ownership.js'

/** `from` and all folders above it, nearest first. */
function foldersUpward(from: string): string[] {
  const folders = [resolve(from)]
  for (;;) {
    const last = folders[folders.length - 1] ?? from
    const parent = dirname(last)
    if (parent === last) return folders
    folders.push(parent)
  }
}

/**
 * `from` and the folders above it up to the root of its git repository. Outside a repository only `from`, so that settings
 * and SQL files of other projects are never used.
 * @throws ConfigurationError (`folder_of_other_user`)
 */
export function foldersOfRepository(
  from: string,
  {env = process.env, uid = process.geteuid?.()}: Partial<Runner> = {},
): string[] {
  const folders = foldersUpward(from)
  const root = folders.findIndex((folder) => existsSync(join(folder, '.git')))
  const searched = folders.slice(0, root === -1 ? 1 : root + 1)
  for (const folder of searched) refuseForeignFolder(folder, {env, uid})
  return searched
}
