import {existsSync} from 'node:fs'
import {join} from 'node:path'

/** Where servers put their Unix sockets: Debian and Red Hat, then Postgres itself. A password file calls them `localhost`. */
export const socketFolders = ['/var/run/postgresql', '/run/postgresql', '/tmp']

/**
 * The host if none is given: as in libpq the folder of the Unix socket, which depends on who built libpq. So the first
 * usual folder that has a socket for the port is taken, and `localhost` if there is none.
 */
export function defaultHost(port: number): string {
  if (process.platform === 'win32') return 'localhost'
  return socketFolders.find((folder) => existsSync(join(folder, `.s.PGSQL.${port}`))) ?? 'localhost'
}
