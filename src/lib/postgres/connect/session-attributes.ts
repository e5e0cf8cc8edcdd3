import type {Client} from 'pg'
import {ConfigurationError, ConnectionError} from '../../errors.js'
import type {ConnectionUrl} from '../../targets/connection-url.js'
import type {HostAndPort} from '../../targets/url-parts.js'

/** The kind of server that is wanted: libpq's `target_session_attrs`. */
export type SessionAttributes = 'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby'

const all: readonly string[] = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby']

/**
 * The kind of server for each round over the hosts. There is one round; `prefer-standby` has a second one that accepts any
 * server (https://www.postgresql.org/docs/current/libpq-connect.html).
 * @throws ConfigurationError (`target_session_attrs_invalid`)
 */
export function sessionRounds(url: ConnectionUrl): SessionAttributes[] {
  const wanted = url.parameters.get('target_session_attrs') ?? 'any'
  if (!all.includes(wanted)) {
    throw new ConfigurationError('The target_session_attrs is not a value that libpq knows.', {
      code: 'target_session_attrs_invalid',
      next: [`Use one of ${all.join(', ')}.`],
    })
  }

  return wanted === 'prefer-standby' ? ['standby', 'any'] : [wanted as SessionAttributes]
}

/** The parameters that the server reported during the login. */
export type ServerParameters = ReadonlyMap<string, string>

/**
 * Checks that the connected server is of the wanted kind. Since Postgres 14 servers report it during the login; older
 * servers and poolers are queried.
 * @throws ConnectionError (`session_unsuitable`)
 */
export async function checkSession(
  client: Client,
  wanted: SessionAttributes,
  said: ServerParameters,
  {host, port}: HostAndPort,
): Promise<void> {
  if (wanted === 'any') return
  const standby = await flag(client, said.get('in_hot_standby'), 'select pg_is_in_recovery() as flag')
  const suits = {
    primary: () => !standby,
    standby: () => standby,
    'prefer-standby': () => standby,
    'read-write': async () => !standby && !(await readOnly(client, said)),
    'read-only': async () => standby || (await readOnly(client, said)),
  }
  if (await suits[wanted]()) return
  throw new ConnectionError(`${host}:${port} is not a server for target_session_attrs=${wanted}.`, {
    code: 'session_unsuitable',
    next: ['List all servers of the cluster in the URL, or change target_session_attrs.'],
    details: {host, port, wanted, standby},
  })
}

function readOnly(client: Client, said: ServerParameters): Promise<boolean> {
  return flag(
    client,
    said.get('default_transaction_read_only'),
    "select current_setting('transaction_read_only') = 'on' as flag",
  )
}

async function flag(client: Client, said: string | undefined, question: string): Promise<boolean> {
  if (said !== undefined) return said === 'on'
  const {
    rows: [row],
  } = await client.query<{flag: boolean}>(question)
  return row?.flag ?? false
}
