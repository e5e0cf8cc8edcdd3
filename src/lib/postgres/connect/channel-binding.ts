import type {Client} from 'pg'
import {ConfigurationError, ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Channel} from './channel.js'

const modes: readonly string[] = ['disable', 'prefer', 'require']

/**
 * What the URL says of channel binding; libpq's `prefer` where it says nothing.
 * @throws ConfigurationError (`channel_binding_invalid`)
 */
export function channelBinding(url: ConnectionUrl): string {
  const mode = url.parameters.get('channel_binding') ?? 'prefer'
  if (modes.includes(mode)) return mode
  throw new ConfigurationError('The channel_binding is none that libpq knows.', {
    code: 'channel_binding_invalid',
    next: ['Use disable, prefer or require, in the URL or in PGCHANNELBINDING.'],
  })
}

/**
 * Has the client bind the proof of its password to the TLS connection (SCRAM-SHA-256-PLUS, RFC 5929 tls-server-end-point),
 * so that no one in the middle can pass it on; to be called before the client says anything. What it returns is to be called
 * once the client is in. With `require` the
 * connection is closed before a server that asks for less gets to see the password, and where it asks for none
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING).
 * @throws ConnectionError (`channel_binding_missing`), at once, from the client's connecting, or from what it returns
 */
export function bindChannel(client: Client, {stream, tls}: Channel, mode: string, server: HostAndPort): () => void {
  Object.assign(client, {enableChannelBinding: mode !== 'disable' && tls !== undefined})
  if (mode !== 'require') return () => undefined
  if (tls === undefined) throw bindingMissing(server, 'there is no TLS to bind to')
  let bound = false
  let refusal: ConnectionError | undefined
  const refuse = (): void => {
    refusal = bindingMissing(server, 'the server does not offer it to this role')
    stream.destroy(refusal)
  }
  client.connection
    .on('authenticationCleartextPassword', refuse)
    .on('authenticationMD5Password', refuse)
    .on('authenticationSASL', ({mechanisms}: {mechanisms: string[]}) => {
      if (!mechanisms.includes('SCRAM-SHA-256-PLUS')) refuse()
    })
    .on('authenticationSASLFinal', () => (bound = true))
    .on('authenticationOk', () => {
      if (!bound) refuse()
    })
  return () => {
    // A server that asks for nothing may have let us in before the closing is noticed.
    if (refusal !== undefined) throw refusal
  }
}

function bindingMissing({host, port}: HostAndPort, why: string): ConnectionError {
  return new ConnectionError(`${host}:${port} was not connected to, since channel_binding=require and ${why}.`, {
    code: 'channel_binding_missing',
    next: [
      "Have the server ask for scram-sha-256 over TLS (pg_hba.conf), and set the role's password anew where it is stored as md5.",
      'Or use channel_binding=prefer.',
    ],
    details: {host, port},
  })
}
