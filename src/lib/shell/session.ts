import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {protectionOfClient, protectionOfNames, riskOf} from '../access/guard.js'
import {CruddurError, errorCode, StateError} from '../errors.js'
import {withClient} from '../postgres/connect/client.js'
import {sqlState} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import type {ConnectionUrl} from '../targets/connection-url.js'
import {type Protection, protectionOf} from '../targets/protection.js'
import type {Target} from '../targets/target.js'

/** A session as a person may open it on a target. */
export interface Session {
  /** The target, with the settings that hold a session on it back. */
  target: Target
  /** `free` where the target is not protected; `read-only` and `write` where it is, or may be. */
  access: 'free' | 'read-only' | 'write'
}

/** What {@link openSession} takes. */
export interface SessionOptions {
  /** Whether the session is to write although the target is protected. */
  write: boolean
}

/** What a session that writes may do to any target. */
export const writeWork: Work = {effect: () => ({kind: 'connect'})}

const limits = ['statement_timeout=30s', 'idle_in_transaction_session_timeout=5min']
/** From Postgres 14; an earlier server refuses a connection that asks for it. */
const idleLimit = {setting: 'idle_session_timeout=30min', from: 140_000}
const readOnly = 'default_transaction_read_only=on'

/** The limits of a read-only session, in words. */
export const limitsInWords = 'Statements are canceled after 30 s, idle transactions after 5 min.'

/** Failures of our own connection that psql need not have: it asks for a password, knows GSSAPI, and old servers. */
const psqlMayConnect: readonly unknown[] = [
  'password_missing',
  'authentication_unsupported',
  'connection_failed',
  'server_unsupported',
]
/** How poolers refuse settings that they cannot keep: pgbouncer, and RDS Proxy. */
const poolersRefusals: readonly unknown[] = [sqlState.protocolViolation, sqlState.featureNotSupported]

/**
 * Decides how a session on the target may be: on a protected one read-only and bounded in time, unless `write` asks for
 * more and `context.authorize` grants it. The settings go into the connection's `options`, which every new connection
 * of psql sends, `\\c` included, and which no argument of psql but another `options` takes back. It is asked once
 * whether they hold: a pooler may drop them.
 * @throws RefusedError (`not_confirmed`), StateError (`settings_refused`), ConnectionError
 */
export async function openSession({write}: SessionOptions, context: OperationContext): Promise<Session> {
  const {target, signal} = context
  const protection = protectionOf(target.name, target.url) ?? (await protectionOnServer(context))
  if (protection === undefined || (protection === 'unknown' && write)) return {target, access: 'free'}
  if (protection !== 'unknown' && write) {
    await context.authorize(await riskOf(context, protection, writeWork))
    return {target, access: 'write'}
  }

  const url = withSettings(target.url, limits)
  const version = await versionIfHeld(url, signal)
  const full = version >= idleLimit.from ? withSettings(target.url, [...limits, idleLimit.setting]) : url
  return {target: {...target, url: full}, access: 'read-only'}
}

/** The user's own `options` are kept: they win over our limits, but not over read-only. */
function withSettings(url: ConnectionUrl, settings: string[]): ConnectionUrl {
  const own = url.parameters.get('options') ?? ''
  const options = [...settings.map((setting) => `-c ${setting}`), own, `-c ${readOnly}`]
  return url.withParameter('options', options.filter((part) => part !== '').join(' '))
}

async function protectionOnServer({target, signal}: OperationContext): Promise<Protection | 'unknown' | undefined> {
  const ask = async (client: PostgresClient): Promise<Protection | undefined> =>
    protectionOfClient(target, client) ?? protectionOfNames(client)
  return withClient(target.url, {signal}, ask).catch(ifPsqlMayConnect('unknown' as const))
}

/** The server's version number; 0 where only psql can connect. */
async function versionIfHeld(url: ConnectionUrl, signal: AbortSignal): Promise<number> {
  const question =
    "select current_setting('default_transaction_read_only') as held, current_setting('server_version_num')::int as version"
  try {
    return await withClient(url, {signal}, async (client) => {
      const {
        rows: [row],
      } = await client.query<{held: string; version: number}>(question)
      if (row?.held !== 'on') throw settingsRefused(url)
      return row.version
    }).catch(ifPsqlMayConnect(0))
  } catch (error) {
    throw poolersRefusals.includes(errorCode(error)) ? settingsRefused(url, error) : error
  }
}

function ifPsqlMayConnect<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof CruddurError && psqlMayConnect.includes(error.code)) return value
    throw error
  }
}

function settingsRefused({primary: {host, port}}: ConnectionUrl, cause?: unknown): StateError {
  return new StateError(
    `What answers at ${host}:${port} does not take the settings of a session, as poolers do not, so the session cannot be held read-only.`,
    {
      code: 'settings_refused',
      next: ['Name the server itself in the URL instead of the pooler.', 'Or go without that: --write'],
      details: {host, port},
      cause,
    },
  )
}
