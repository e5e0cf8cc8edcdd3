import {escapeIdentifier} from '../postgres/wire/escape.js'
import {name} from './sql-names.js'

/** All privileges on a table since Postgres 17, which added MAINTAIN: an older server knows them only as a whole. */
const everything = 'GRANT DELETE, INSERT, MAINTAIN, REFERENCES, SELECT, TRIGGER, TRUNCATE, UPDATE ON '

const byDefault = new RegExp(`^(ALTER DEFAULT PRIVILEGES )FOR ROLE (${name}) `)
const atTheEnd = new RegExp(
  `^((?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) [\\s\\S]* (?:TO|FROM) |ALTER [\\s\\S]* OWNER TO )(${name})( WITH GRANT OPTION)?$`,
)

/**
 * A statement on owners or privileges as any role may run it, on any version: `role`, which runs the trials, stands for the
 * one that will run the migration (https://www.postgresql.org/docs/current/sql-grant.html).
 */
export function forAnyRole(sql: string, role: string): string {
  const isRole = (text: string): boolean => text === role || text === escapeIdentifier(role)
  return sql
    .replace(everything, 'GRANT ALL ON ')
    .replace(byDefault, (whole, start: string, named: string) => (isRole(named) ? start : whole))
    .replace(atTheEnd, (whole, start: string, named: string, option = '') =>
      isRole(named) ? `${start}CURRENT_USER${option}` : whole,
    )
}
