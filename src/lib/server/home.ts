import {existsSync, statSync} from 'node:fs'
import {homedir} from 'node:os'
import {dirname, join} from 'node:path'

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
  if (process.platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'cruddur-db')
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
