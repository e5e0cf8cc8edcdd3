import type {Socket} from 'node:net'
import type {Client} from 'pg'

/** A connected client of pg. It is closed when {@link withClient} returns. */
export type PostgresClient = Client

/** What the server gave the session to cancel its statements with. pg has these fields, but its types do not. */
export function cancelKeyOf(client: PostgresClient): {processID: number | null; secretKey: number | null} {
  return client as Client & {processID: number | null; secretKey: number | null}
}

/** The process id of the session on the server. */
export function backendPid(client: PostgresClient): number | null {
  return cancelKeyOf(client).processID
}

/** The socket of the connection, plain or with TLS; pg's types only call it a stream. */
export function socketOf(client: PostgresClient): Socket {
  return client.connection.stream as Socket
}
