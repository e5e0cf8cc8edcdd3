import {protectionOfNames} from '../access/guard.js'
import {RefusedError, SqlError} from '../errors.js'
import type {SqlSession} from '../postgres/wire/sql-session.js'
import type {ConnectTo} from '../sql-text/psql/command.js'
import type {ShellSession} from './session.js'

/**
 * Changes to another database of the same server with the same login. The limits of a read-only session are in the
 * connection's settings, so they hold there too.
 * @throws RefusedError (`connect_protected`), SqlError (`shell_command`), StateError, ConnectionError
 */
export async function changeDatabase(sql: SqlSession, to: ConnectTo, access: ShellSession['access']): Promise<void> {
  const {facts, server} = sql
  if ((to.user ?? facts.role) !== facts.role) throw otherLogin('role', `the role ${facts.role}`)
  if ((to.host ?? server.host) !== server.host || (to.port ?? `${server.port}`) !== `${server.port}`)
    throw otherLogin('server', `the server ${server.host}:${server.port}`)
  const database = to.database ?? facts.database
  if (access === 'write' && database !== facts.database)
    throw refused(
      `Read-write access was confirmed for ${facts.database} only, so \\c cannot change to another database.`,
    )
  await sql.change(database, async (client) => {
    // A session that is not protected has no limits, and this database may be marked.
    if (access === 'free' && (await protectionOfNames(client)) !== undefined)
      throw refused(`${database} is protected, so \\c cannot change to it from a session without limits.`)
  })
}

function refused(message: string): RefusedError {
  return new RefusedError(message, {
    code: 'connect_protected',
    next: ['Quit, and open a session with a target whose URL names that database.'],
  })
}

function otherLogin(what: string, present: string): SqlError {
  return new SqlError(`\\c cannot change to another ${what}. This session stays at ${present}.`, {
    code: 'shell_command',
    next: ['Quit, and open a session with another target.'],
  })
}
