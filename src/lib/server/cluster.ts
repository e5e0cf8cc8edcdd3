import {randomBytes} from 'node:crypto'
import {access, chmod, chown, constants, lstat, mkdir, mkdtemp, readdir, rm, rmdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {ConfigurationError, CruddurError, errorCode} from '../errors.js'
import {closedFolder, serverFiles, serverMajor, serverUser} from './home.js'
import {type Account, publish, unavailable, withPlainPrograms} from './programs.js'
import {runServerProgram} from './run-program.js'
import {refuseOpenFolders} from './strict-folders.js'

/**
 * Creates the home folder of the server, which other users cannot enter. Refuses a home that the server cannot reach.
 * @throws ConfigurationError (`home_unusable`)
 */
export async function makeHome(home: string, account?: Account): Promise<void> {
  refuseOpenFolders(home, account)
  try {
    const first = await mkdir(home, {recursive: true, mode: 0o700})
    if (account !== undefined) await letEnter(home, first)
    // A folder that exists already.
    await access(home, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw unusableHome(`The folder ${home} cannot be used (${errorCode(error) ?? 'unknown reason'}).`, error)
  }

  const closed = account === undefined ? undefined : closedFolder(home)
  if (closed === undefined) return
  throw unusableHome(`Postgres does not run as root, and its account cannot enter ${closed}.`)
}

/** Lets other accounts enter the folders that were created, whatever the umask, or a home that was left empty before. */
async function letEnter(home: string, first: string | undefined): Promise<void> {
  if (first === undefined) {
    const {mode, uid} = await lstat(home)
    if (uid === process.getuid?.() && (await readdir(home)).length === 0) await chmod(home, (mode & 0o777) | 0o011)
    return
  }

  for (let folder = home; ; folder = dirname(folder)) {
    await chmod(folder, 0o755)
    if (folder === first || folder === dirname(folder)) return
  }
}

function unusableHome(message: string, cause?: unknown): ConfigurationError {
  const next = ['Set CRUDDUR_DB_HOME to another folder, for example /var/lib/cruddur-db.']
  return new ConfigurationError(message, {code: 'home_unusable', next, cause})
}

/**
 * Creates the cluster: initdb with a generated password, only on loopback, without a Unix socket. It is created under
 * another name and then renamed, so that no command sees a half-made cluster and one of two concurrent commands wins.
 */
export async function createCluster(
  home: string,
  programs: string,
  account?: Account,
  signal?: AbortSignal,
): Promise<void> {
  await removeAbandoned(home)
  const draft = await mkdtemp(join(home, `${serverMajor}.new-${process.pid}-`))
  try {
    const files = serverFiles(home, draft)
    const secret = randomBytes(24).toString('base64url')
    const handedOver = join(draft, 'initdb-password')
    await writeFile(handedOver, secret, {mode: 0o600})
    await mkdir(files.data, {mode: 0o700})
    await writeFile(files.log, '', {mode: 0o600})
    if (account !== undefined) {
      await chmod(draft, 0o711)
      for (const path of [handedOver, files.data, files.log]) await chown(path, account.uid, account.gid)
    }

    const {exitCode, output} = await withPlainPrograms(programs, draft, account, (plain) =>
      runServerProgram(plain, 'initdb', initdbArguments(files.data, handedOver), {account, cwd: draft, signal}),
    )
    if (exitCode !== 0) throw unavailable(`initdb failed: ${reasonIn(output)}`)
    await rm(handedOver)
    await writeFile(files.password, secret, {mode: 0o600})
    await publish(draft, serverFiles(home).cluster)
  } catch (error) {
    const code = errorCode(error)
    throw error instanceof CruddurError ? error : unusableHome(`The folder ${home} cannot be used (${code}).`, error)
  } finally {
    await removeDraft(draft)
  }
}

/** The reason that initdb gives. After it, it tells what it removes, and before a HINT the server may give another. */
function reasonIn(output: string): string {
  const lines = output.trim().split('\n')
  const reason = lines.filter((line) => /\b(error|ERROR|FATAL|PANIC):/.test(line)).at(0) ?? lines.at(-1) ?? ''
  return reason
    .replace(/^.*?\b(error|ERROR|FATAL|PANIC): */, '')
    .replace(/^initdb: /, '')
    .replace(/\.$/, '')
}

/**
 * Removes a draft. The account of the server removes its own data, because root could be led elsewhere by links that
 * change meanwhile.
 */
async function removeDraft(draft: string): Promise<void> {
  const data = join(draft, 'data')
  const owner = await lstat(data).catch(() => undefined)
  if (process.getuid?.() === 0 && owner !== undefined && owner.uid !== 0) {
    const {execa} = await import('execa')
    await execa('rm', ['-rf', data], {uid: owner.uid, gid: owner.gid, cwd: '/', reject: false})
    // The folder itself is in ours. A folder that is not empty is not touched by root.
    await rmdir(data).catch(() => undefined)
    for (const name of await readdir(draft))
      if (/^(initdb-password|password|server\.log|cruddur-db-programs-\w+)$/.test(name))
        await rm(join(draft, name), {recursive: true, force: true})
    await rmdir(draft).catch(() => undefined)
  } else await rm(draft, {recursive: true, force: true})
}

function initdbArguments(data: string, passwordFile: string): string[] {
  return [
    `--pgdata=${data}`,
    `--username=${serverUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The builtin provider sorts the same on every platform and after every upgrade.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--set=listen_addresses=127.0.0.1',
    '--set=unix_socket_directories=',
    // Nobody replicates it. So rows that come with their tables are not in its log, too, whose disk may be full sooner.
    '--set=wal_level=minimal',
    '--set=max_wal_senders=0',
  ]
}

/** Removes drafts of killed commands, whose process ids are in the names. */
async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = new RegExp(`^${serverMajor}\\.new-(\\d+)-`).exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await removeDraft(join(home, name))
  }
}

/** Whether a process with that id exists, owned by any user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}
