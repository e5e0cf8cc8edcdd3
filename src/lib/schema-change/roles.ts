import {escapeIdentifier} from '../postgres/wire/escape.js'
import {name} from './sql-names.js'

const byDefault = new RegExp(`^(ALTER DEFAULT PRIVILEGES )FOR ROLE (${name}) `)
const atTheEnd = new RegExp(
  `^((?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) [\\s\\S]* (?:TO|FROM) |ALTER [\\s\\S]* OWNER TO )(${name})( WITH GRANT OPTION)?$`,
)

/**
 * A statement on owners or privileges as any role may run it: `role`, which runs the trials, stands for the one that will
 * run the migration (https://www.postgresql.org/docs/current/sql-grant.html).
 */
export function forAnyRole(sql: string, role: string): string {
  const isRole = (text: string): boolean => text === role || text === escapeIdentifier(role)
  return sql
    .replace(byDefault, (whole, start: string, named: string) => (isRole(named) ? start : whole))
    .replace(atTheEnd, (whole, start: string, named: string, option = '') =>
      isRole(named) ? `${start}CURRENT_USER${option}` : whole,
    )
}

const ofTables = ['DELETE', 'INSERT', 'MAINTAIN', 'REFERENCES', 'SELECT', 'TRIGGER', 'TRUNCATE', 'UPDATE']
const onTables = /^(.*)\bGRANT ([A-Z, ]+)( ON TABLES?\b.*?) TO (.*?)( WITH GRANT OPTION)?$/s
/** Whoever lacks more than these was given MAINTAIN by name. */
const mostMissing = 2

/**
 * Statements that also do what a GRANT on tables does before Postgres 17, which added MAINTAIN: to grant all, and to take
 * back what was left out.
 */
export function onAnyVersion(sql: string): string[] {
  const [, before = '', listed = '', on = '', role = '', option = ''] = onTables.exec(sql) ?? []
  const privileges = listed.split(', ')
  const missing = ofTables.filter((each) => !privileges.includes(each))
  if (!privileges.includes('MAINTAIN') || missing.length > mostMissing) return [sql]
  const all = `${before}GRANT ALL${on} TO ${role}${option}`
  return missing.length === 0 ? [all] : [all, `${before}REVOKE ${missing.join(', ')}${on} FROM ${role}`]
}
