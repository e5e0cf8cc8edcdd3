import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {expect, it} from 'vitest'
import {gitBranch} from '../../src/lib/targets/git-branch.js'
import {folderOfTest} from '../support/temporary-folder.js'

it('finds the branch of a repository, in its folders and in a worktree, and none without a branch', async () => {
  const folder = folderOfTest()
  const put = (path: string, text: string): Promise<void> => writeFile(join(folder, path), text)
  expect(await gitBranch(folder)).toBeUndefined()
  for (const path of ['.git/worktrees/two', 'below', 'elsewhere']) await mkdir(join(folder, path), {recursive: true})
  await put('.git/HEAD', 'ref: refs/heads/feature/one\n')
  expect(await gitBranch(join(folder, 'below'))).toBe('feature/one')
  await put('elsewhere/.git', `gitdir: ${join(folder, '.git', 'worktrees', 'two')}\n`)
  await put('.git/worktrees/two/HEAD', 'ref: refs/heads/two\n')
  expect(await gitBranch(join(folder, 'elsewhere'))).toBe('two')
  await put('.git/HEAD', '34d6ce5b1e1c0c1d2f3a4b5c6d7e8f9012345678\n')
  expect(await gitBranch(folder)).toBeUndefined()
})
