import {reportedSetting} from '../postgres/connect/connect.js'
import {ownVariables, sessionVariables} from '../sql-text/psql/own-variables.js'
import type {ScriptSession} from './sink.js'

/** psql's own variables at the beginning of a session. */
export function valuesOfSession({client, database}: ScriptSession): Record<string, string> {
  const {user, host, port} = client
  const version = reportedSetting(client, 'server_version')
  return ownVariables({database: database ?? client.database, user, host, port, version})
}

/** Those that `\connect` sets again. */
export function namesOfSession(session: ScriptSession): Record<string, string> {
  const all = Object.entries(valuesOfSession(session))
  return Object.fromEntries(all.filter(([name]) => sessionVariables.includes(name)))
}

export function hasStandardStrings(session: ScriptSession | undefined): boolean {
  return session === undefined || reportedSetting(session.client, 'standard_conforming_strings') !== 'off'
}
