import {join} from 'node:path'
import {homeFolder} from './account.js'

/** Where libpq looks for files of the user (https://www.postgresql.org/docs/current/libpq-pgpass.html). */
export interface UserFiles {
  passwords: string | undefined
  services: string | undefined
  /** The folder of `root.crt`, `postgresql.crt` and `postgresql.key`. */
  certificates: string | undefined
}

/** Finds them in the home folder, if there is one, or on Windows in the folder for application data. */
export function userFiles(env: NodeJS.ProcessEnv): UserFiles {
  if (process.platform === 'win32') {
    const folder = join(env['APPDATA'] ?? join(homeFolder(env) ?? '', 'AppData', 'Roaming'), 'postgresql')
    return {passwords: join(folder, 'pgpass.conf'), services: join(folder, '.pg_service.conf'), certificates: folder}
  }

  const home = homeFolder(env)
  if (home === undefined) return {passwords: undefined, services: undefined, certificates: undefined}
  return {
    passwords: join(home, '.pgpass'),
    services: join(home, '.pg_service.conf'),
    certificates: join(home, '.postgresql'),
  }
}
