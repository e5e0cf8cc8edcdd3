import {existsSync, statSync} from 'node:fs'
import {lstat, readFile, stat} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {homeFolder} from '../targets/account.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {embeddedHost} from '../targets/target.js'
import {refuseOpenFolders} from './strict-folders.js'

/** The files of the embedded server in its home. */
export interface ServerFiles {
  home: string
  /** The folder of one major version. A newer version gets its own folder. */
  cluster: string
  data: string
  password: string
  port: string
  log: string
}

/** The major version of the embedded server. */
export const serverMajor = '18'

/** The superuser of the embedded server. */
export const serverUser = 'postgres'

/** The paths of the files. `cluster` is another folder while it is being created. */
export function serverFiles(home: string, cluster = join(home, serverMajor)): ServerFiles {
  return {
    home,
    cluster,
    data: join(cluster, 'data'),
    password: join(cluster, 'password'),
    port: join(cluster, 'port'),
    log: join(cluster, 'server.log'),
  }
}

/**
 * The home if `CRUDDUR_DB_HOME` is not set: the platform's folder for application data. For root it is
 * /var/lib/cruddur-db, because the server's account cannot enter the home of root.
 * @throws ConfigurationError (`home_missing`)
 */
export function defaultHome(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homeOf(env), 'AppData', 'Local'), 'cruddur-db')
  if (process.getuid?.() === 0) return '/var/lib/cruddur-db'
  if (process.platform === 'darwin') return join(homeOf(env), 'Library', 'Application Support', 'cruddur-db')
  return join(env['XDG_DATA_HOME'] || join(homeOf(env), '.local', 'share'), 'cruddur-db')
}

function homeOf(env: NodeJS.ProcessEnv): string {
  const home = homeFolder(env)
  if (home !== undefined) return home
  throw new ConfigurationError(
    `There is no folder for the embedded server: HOME is not set, and the account of this process (uid ${process.getuid?.()}) has no home folder.`,
    {code: 'home_missing', next: ['Set CRUDDUR_DB_HOME to a folder for it, or CONNECTION_URL to use another server.']},
  )
}

/** The nearest folder above `path` that other accounts cannot enter; undefined if they can reach `path`. */
export function closedFolder(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return folder
    if (dirname(folder) === folder) return undefined
  }
}

/** The earlier port of the server, which applications have in their configuration; undefined before the first start. */
export async function recordedPort(file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The password of the superuser; undefined if no server was created.
 * @throws ConfigurationError (`home_unusable`) if the files belong to another user, or another one can exchange root's
 */
export async function readPassword({home, cluster, data, password}: ServerFiles): Promise<string | undefined> {
  try {
    await refuseForRoot(home, cluster)
    refuseOpenFolders(home, await lstat(data))
    return await readFile(password, 'utf8')
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw new ConfigurationError(`The embedded server in ${cluster} belongs to another user.`, {
      code: 'home_unusable',
      next: ['Run the command as that user, or set CRUDDUR_DB_HOME to a folder of your own.'],
      cause: error,
    })
  }
}

/** Root would be able to use the folders of any user, who could lead it to other files. Only `data` is another account's. */
async function refuseForRoot(...folders: string[]): Promise<void> {
  if (process.getuid?.() !== 0) return
  for (const folder of folders) {
    if ((await stat(folder)).uid !== 0) throw Object.assign(new Error(`${folder} is not root's`), {code: 'EACCES'})
  }
}

/** Whether a URL from a variable is that of the server in `home`, because users put it there for applications. */
export async function isServersOwn(
  {hosts: [only, ...others], user, password}: ConnectionUrl,
  home: string,
): Promise<boolean> {
  if (only?.host !== embeddedHost || others.length > 0 || user !== serverUser) return false
  const files = serverFiles(home)
  try {
    return only.port === (await recordedPort(files.port)) && password === (await readPassword(files))
  } catch {
    // If this user cannot read the home, it is not theirs.
    return false
  }
}
