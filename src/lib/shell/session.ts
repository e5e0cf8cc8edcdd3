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

/** A session that a user may open on a target. */
export interface ShellSession {
  /** The target; its URL has the settings that limit the session. */
  target: Target
  /** `free` if the target is not protected; `read-only` or `write` if it is, or may be. */
  access: 'free' | 'read-only' | 'write'
}

export interface SessionOptions {
  /** Whether the session may write although the target is protected. */
  write: boolean
}

/** Describes a read-write session, for the guard. */
export const writeWork: Work = {effect: () => ({kind: 'connect'})}

const limits = ['statement_timeout=30s', 'idle_in_transaction_session_timeout=5min']
/** Since Postgres 14; an earlier server would refuse the connection. */
const idleLimit = {setting: 'idle_session_timeout=30min', from: 140_000}
const readOnlyAccess = 'default_transaction_read_only=on'

/** The same limits for people. */
export const limitsInWords = 'Statements are canceled after 30 s, idle transactions after 5 min.'

/** Failures that psql may not have: it can ask for a password, and it supports GSSAPI and old servers. */
const psqlMayConnect: readonly unknown[] = [
  'password_missing',
  'authentication_unsupported',
  'connection_failed',
  'server_unsupported',
]
/** SQLSTATEs with which pgbouncer and RDS Proxy refuse settings. */
const poolersRefusals: readonly unknown[] = [sqlState.protocolViolation, sqlState.featureNotSupported]

/**
 * Makes a session on a protected target read-only with time limits, unless `write` is set and confirmed. The limits are in
 * the connection's `options`, which psql sends with every new connection, also after `\\c`. One query checks that they
 * work, because a pooler may ignore them.
 * @throws RefusedError (`not_confirmed`), StateError (`settings_refused`), ConnectionError
 */
export async function openSession({write}: SessionOptions, context: OperationContext): Promise<ShellSession> {
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

/** Keeps the user's own `options`, which override our limits but not read-only. */
function withSettings(url: ConnectionUrl, settings: string[]): ConnectionUrl {
  const own = url.parameters.get('options') ?? ''
  const options = [...settings.map((setting) => `-c ${setting}`), own, `-c ${readOnlyAccess}`]
  return url.withParameter('options', options.filter((part) => part !== '').join(' '))
}

async function protectionOnServer({target, signal}: OperationContext): Promise<Protection | 'unknown' | undefined> {
  const ask = async (client: PostgresClient): Promise<Protection | undefined> =>
    protectionOfClient(target, client) ?? protectionOfNames(client)
  return withClient(target.url, {signal}, ask).catch(ifPsqlMayConnect('unknown' as const))
}

/** The version number of the server; 0 if only psql can connect. */
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
    `The session cannot be read-only, because ${host}:${port} does not accept settings. It may be a pooler.`,
    {
      code: 'settings_refused',
      next: ['Use the URL of the server itself, not of the pooler.', 'Or open the session read-write: --write'],
      details: {host, port},
      cause,
    },
  )
}
