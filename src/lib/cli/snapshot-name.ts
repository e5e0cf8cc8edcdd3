import {Args, Flags} from '@oclif/core'
import {StateError, UsageError} from '../errors.js'
import {workingFolder} from '../targets/account.js'
import {gitBranch} from '../targets/git-branch.js'

/** Which snapshot: by its name, or by the branch. */
export const snapshotArg = {
  name: Args.string({ignoreStdin: true, description: 'The name of the snapshot.'}),
}

export const autoFlag = {
  auto: Flags.boolean({description: 'Name it after the git branch.'}),
}

/**
 * The name that was given, or with `--auto` that of the branch; undefined if there is neither.
 * @throws UsageError (`name_twice`) if there are both, StateError (`no_branch`)
 */
export async function snapshotName(name: string | undefined, {auto}: {auto: boolean}): Promise<string | undefined> {
  if (!auto) return name
  if (name !== undefined) throw new UsageError('Give a name or --auto, not both.', {code: 'name_twice'})
  const branch = await gitBranch(workingFolder())
  if (branch === undefined)
    throw new StateError('There is no git branch here to name the snapshot after.', {
      code: 'no_branch',
      next: ['Give a name instead of --auto.'],
    })
  return branch.replaceAll(/[^\p{L}\p{N}._/@+#-]/gu, '-')
}
