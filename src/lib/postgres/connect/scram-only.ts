import type {Client} from 'pg'
import {ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Channel} from './channel.js'

/**
 * Speaks to the embedded server only if it proves with SCRAM that it knows the password too, because any program may listen
 * on its port while it is stopped. Call it before the client sends anything, and call the returned function after the
 * login. Another program gets neither the password nor a statement.
 * @throws ConnectionError (`server_unproven`), while the client connects or from the returned function
 */
export function requireScram(
  client: Client,
  {stream}: Channel,
  {scramOnly}: ConnectionUrl,
  server: HostAndPort,
): () => void {
  if (!scramOnly) return () => undefined
  let proven = false
  let refusal: ConnectionError | undefined
  const refuse = (): void => {
    refusal = unproven(server)
    stream.destroy(refusal)
  }
  client.connection
    .on('authenticationCleartextPassword', refuse)
    .on('authenticationMD5Password', refuse)
    .on('authenticationSASLFinal', () => (proven = true))
    .on('authenticationOk', () => {
      if (!proven) refuse()
    })
  return () => {
    if (refusal !== undefined) throw refusal
  }
}

function unproven({host, port}: HostAndPort): ConnectionError {
  return new ConnectionError(
    `The program at ${host}:${port} is not the embedded server: it does not use scram-sha-256. The password was not sent to it.`,
    {
      code: 'server_unproven',
      next: ['Stop that program, if another one listens on the port of the embedded server.'],
      details: {host, port},
    },
  )
}
