import {Client} from 'pg'
import {query, untilRows, urlAs, urlOf} from './databases.js'

/** A connection and its process id on the server. */
export interface SessionClient {
  client: Client
  pid: number
}

/** Opens a connection under a name, as a role where one is given. */
export async function connectAs(application: string, database: string, role?: string): Promise<SessionClient> {
  const connectionString = role === undefined ? urlOf(database) : urlAs(role, database)
  const client = new Client({connectionString, application_name: application})
  client.on('error', () => undefined)
  await client.connect()
  const {rows} = await client.query<{pid: number}>('select pg_backend_pid() as pid')
  return {client, pid: rows[0]?.pid ?? NaN}
}

/** Waits until the session is in this state on the server. */
export async function untilSession(pid: number, condition: string): Promise<void> {
  await untilRows('postgres', `select 1 from pg_stat_activity where pid = $1 and ${condition}`, [pid])
}

/** Whether the session still exists. */
export async function isThere(pid: number): Promise<boolean> {
  return (await query('postgres', 'select 1 from pg_stat_activity where pid = $1', [pid])).length > 0
}
