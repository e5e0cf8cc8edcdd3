import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {foldersOfRepository} from './folders.js'

/**
 * The branch of the git repository that a folder is in; undefined if there is none
 * (https://git-scm.com/docs/gitrepository-layout).
 * @throws ConfigurationError (`folder_of_other_user`)
 */
export async function gitBranch(cwd: string): Promise<string | undefined> {
  const root = foldersOfRepository(cwd).at(-1) ?? cwd
  const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const [, worktree] = /^gitdir: (.*)$/m.exec(await textOf(join(root, '.git'))) ?? []
  const folder = worktree === undefined ? join(root, '.git') : resolve(root, worktree)
  return /^ref: refs\/heads\/(.+)$/m.exec(await textOf(join(folder, 'HEAD')))?.[1]
}
