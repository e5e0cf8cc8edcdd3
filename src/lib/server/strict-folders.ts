import {lstatSync, readlinkSync, realpathSync, type Stats, statSync} from 'node:fs'
import {dirname, join, parse, resolve, sep} from 'node:path'
import {ConfigurationError} from '../errors.js'
import {isSafe, safeVariable, trustedOwners} from '../targets/ownership.js'

/**
 * For root: refuses a home if another account can exchange it, because root would then use the files of that account. As
 * with sshd's StrictModes, each folder on the way to it must belong to a trusted account, and no other may write to it
 * unless it is sticky, as /tmp is. `server` is the account of the server, if it is known.
 * @throws ConfigurationError (`home_unusable`)
 */
export function refuseOpenFolders(home: string, server: {uid: number; gid: number} | undefined): void {
  const uid = process.getuid?.()
  if (uid !== 0) return
  const trusted = [...trustedOwners({env: process.env, uid}), server?.uid]
  for (const folder of foldersOnTheWay(resolve(home))) {
    const found = statSync(folder)
    const who = trusted.includes(found.uid) ? writersOf(found, server?.gid) : `the user with uid ${found.uid}`
    if (who === undefined || isSafe(folder, process.env)) continue
    throw new ConfigurationError(
      `The embedded server cannot be used as root in ${home}: ${who} can replace what is in ${folder}. Nothing was changed.`,
      {
        code: 'home_unusable',
        next: [
          'Set CRUDDUR_DB_HOME to a folder in folders of root, for example /var/lib/cruddur-db.',
          `If you trust these users: export ${safeVariable}=${folder}`,
        ],
        details: {folder},
      },
    )
  }
}

/** Who may write to a folder in addition to its owner; undefined if no one can replace the files of others there. */
function writersOf({mode, gid}: Stats, serverGroup: number | undefined): string | undefined {
  if ((mode & 0o1000) !== 0) return undefined
  if ((mode & 0o002) !== 0) return 'every user'
  return (mode & 0o020) !== 0 && gid !== 0 && gid !== serverGroup ? `the group with gid ${gid}` : undefined
}

/** The folders that are searched for `path`, with those of links and `path` itself, as far as they exist. */
function foldersOnTheWay(path: string, found = new Set<string>()): Set<string> {
  const {root} = parse(path)
  let folder = root
  for (const name of path.slice(root.length).split(sep)) {
    found.add(folder)
    const next = join(folder, name)
    const stats = lstatSync(next, {throwIfNoEntry: false})
    if (stats === undefined) return found
    if (stats.isSymbolicLink()) foldersOnTheWay(resolve(folder, readlinkSync(next)), found)
    folder = stats.isSymbolicLink() ? realpathSync(next) : next
  }

  return found.add(statSync(folder).isDirectory() ? folder : dirname(folder))
}
