import {existsSync, statSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {dirname, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {embeddedHost} from '../targets/target.js'

/** The files of the embedded server below its home. */
export interface ServerFiles {
  home: string
  /** Everything of one major version: a newer one starts beside it rather than on top of it. */
  cluster: string
  data: string
  password: string
  port: string
  log: string
}

/** The major version of the server that comes with this package. */
export const serverMajor = '18'

/** The superuser of the embedded server. */
export const serverUser = 'postgres'

/** Where the files lie; `cluster` is another folder while one is being made. */
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
 * The home where `CRUDDUR_DB_HOME` is not set: the platform's folder for a user's application data. For root it is
 * /var/lib/cruddur-db, since the server then runs under an account that cannot enter root's home.
 */
export function defaultHome(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'cruddur-db')
  if (process.getuid?.() === 0) return '/var/lib/cruddur-db'
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'cruddur-db')
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'cruddur-db')
}

/** The nearest folder on the way to `path` that other accounts may not enter; undefined where they can reach it. */
export function closedFolder(path: string): string | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return folder
    if (dirname(folder) === folder) return undefined
  }
}

/** The port the server had before, which its applications have in their configuration; undefined before the first start. */
export async function recordedPort(file: string): Promise<number | undefined> {
  try {
    return Number(await readFile(file, 'utf8'))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * The superuser's password; undefined where no server was made.
 * @throws ConfigurationError (`home_unusable`) where the files belong to another user
 */
export async function readPassword({password}: ServerFiles): Promise<string | undefined> {
  try {
    return await readFile(password, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined
    throw new ConfigurationError(
      `The embedded server below ${password.slice(0, -'/password'.length)} belongs to another user.`,
      {
        code: 'home_unusable',
        next: ['Run the command as that user, or set CRUDDUR_DB_HOME to a folder of your own.'],
        cause: error,
      },
    )
  }
}

/** Whether the URL, from a variable, is that of the server below `home`: applications are given it, password and all. */
export async function isServersOwn(
  {hosts: [only, ...others], user, password}: ConnectionUrl,
  home: string,
): Promise<boolean> {
  if (only?.host !== embeddedHost || others.length > 0 || user !== serverUser) return false
  const files = serverFiles(home)
  try {
    return only.port === (await recordedPort(files.port)) && password === (await readPassword(files))
  } catch {
    // A home that is closed to this user is not his.
    return false
  }
}
