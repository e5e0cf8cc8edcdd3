import {Client} from 'pg'
import {query, urlOf} from './databases.js'

/** A connection and its process id on the server. */
export interface SessionClient {
  client: Client
  pid: number
}

/** Opens a connection with an application name, and as a role if given. */
export async function connectAs(
  application: string,
  database: string,
  role?: {user: string; password: string},
): Promise<SessionClient> {
  const url = new URL(urlOf(database))
  if (role !== undefined) Object.assign(url, {username: role.user, password: role.password})
  const client = new Client({connectionString: url.href, application_name: application})
  client.on('error', () => undefined)
  await client.connect()
  const {rows} = await client.query<{pid: number}>('select pg_backend_pid() as pid')
  return {client, pid: rows[0]?.pid ?? NaN}
}

/** Waits until the session is in this state on the server. */
export async function untilSession(pid: number, condition: string): Promise<void> {
  for (;;) {
    if ((await query('postgres', `select 1 from pg_stat_activity where pid = $1 and ${condition}`, [pid])).length > 0)
      return
  }
}

/** Whether the session still exists. */
export async function isThere(pid: number): Promise<boolean> {
  return (await query('postgres', 'select 1 from pg_stat_activity where pid = $1', [pid])).length > 0
}
