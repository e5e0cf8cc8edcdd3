import type {OperationContext} from '../access/context.js'
import {StateError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {majorVersion} from '../postgres/connect/connect.js'
import {backendPid, type PostgresClient} from '../postgres/connect/postgres-client.js'
import {newestServer} from './pg-dump/pg-dump.js'

/**
 * Connects to a database for pg_dump.
 * @throws StateError (`server_too_new`, `pooled_session`), ConnectionError
 */
export async function withDumpSession<T>(
  {target, signal, preconnection}: OperationContext,
  use: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  return withClient(target.url, {signal, preconnection}, async (client) => {
    if (majorVersion(client) > newestServer) throw tooNew(majorVersion(client))
    const {rows} = await client.query<{pid: number}>('select pg_catalog.pg_backend_pid() as pid')
    if (rows[0]?.pid !== backendPid(client)) throw pooled()
    return use(client)
  })
}

function tooNew(version: number): StateError {
  return new StateError(
    `The server is Postgres ${version}, and this version of cruddur-db dumps ${newestServer} and older.`,
    {
      code: 'server_too_new',
      next: [`Update cruddur-db, or use an installed pg_dump ${version}.`],
      details: {version, newestServer},
    },
  )
}

/** pg_dump makes settings before its transaction, which a pooler gives to other sessions. */
function pooled(): StateError {
  return new StateError('A dump needs a session of its own, which a pooler does not give.', {
    code: 'pooled_session',
    next: ['Use the URL of the server itself, not of the pooler.'],
  })
}
