import {homedir} from 'node:os'
import {join} from 'node:path'

/** Where libpq looks for files of the user (https://www.postgresql.org/docs/current/libpq-pgpass.html). */
export interface UserFiles {
  passwords: string
  services: string
  /** The folder of `root.crt`, `postgresql.crt` and `postgresql.key`. */
  certificates: string
}

/** Finds them in the home folder, or on Windows in the folder for application data. */
export function userFiles(env: NodeJS.ProcessEnv): UserFiles {
  if (process.platform === 'win32') {
    const folder = join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'postgresql')
    return {passwords: join(folder, 'pgpass.conf'), services: join(folder, '.pg_service.conf'), certificates: folder}
  }

  const home = env['HOME'] || homedir()
  return {
    passwords: join(home, '.pgpass'),
    services: join(home, '.pg_service.conf'),
    certificates: join(home, '.postgresql'),
  }
}
