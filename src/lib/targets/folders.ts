import {existsSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'

/** `from` and every folder above it, nearest first. */
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
 * `from` and the folders above it up to the root of the git repository it is in; outside a repository `from` alone,
 * so that another project's settings and SQL files are never picked up.
 */
export function foldersOfRepository(from: string): string[] {
  const folders = foldersUpward(from)
  const root = folders.findIndex((folder) => existsSync(join(folder, '.git')))
  return folders.slice(0, root === -1 ? 1 : root + 1)
}
