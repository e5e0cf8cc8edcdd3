import type {Client} from 'pg'
import {ConfigurationError, ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'
import type {Channel} from './channel.js'

const bindingModes: readonly string[] = ['disable', 'prefer', 'require']

/**
 * The URL's channel_binding; `prefer` by default, as in libpq.
 * @throws ConfigurationError (`channel_binding_invalid`)
 */
export function channelBinding(url: ConnectionUrl): string {
  const mode = url.parameters.get('channel_binding') ?? 'prefer'
  if (bindingModes.includes(mode)) return mode
  throw new ConfigurationError('The channel_binding is not a value that libpq knows.', {
    code: 'channel_binding_invalid',
    next: ['Use disable, prefer or require, in the URL or in PGCHANNELBINDING.'],
  })
}

/**
 * Binds the proof of the password to the TLS connection (SCRAM-SHA-256-PLUS, RFC 5929 tls-server-end-point), so that a
 * man in the middle cannot use it. Call it before the client sends anything, and call the returned function after the
 * login. With `require`, a server that asks for less never gets the password, and one that asks for no password is refused
 * (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CHANNEL-BINDING).
 * @throws ConnectionError (`channel_binding_missing`), at once, while the client connects, or from the returned function
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
    // If the server asks for no password, the login may finish before the closed stream is noticed.
    if (refusal !== undefined) throw refusal
  }
}

function bindingMissing({host, port}: HostAndPort, why: string): ConnectionError {
  return new ConnectionError(
    `The connection to ${host}:${port} was refused here, because channel_binding=require and ${why}.`,
    {
      code: 'channel_binding_missing',
      next: [
        "Configure scram-sha-256 over TLS in the server's pg_hba.conf. If the password of the role is stored as md5, set it again.",
        'Or use channel_binding=prefer.',
      ],
      details: {host, port},
    },
  )
}
