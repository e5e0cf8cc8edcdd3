import {catalogQuery} from '../postgres/catalog/catalog.js'
import {localeColumns} from '../postgres/catalog/server-databases.js'
import {majorVersion} from '../postgres/connect/connect.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'

/** Properties of the database itself, not of its tables, as `sql/catalog/database-attributes.sql` selects them. */
export interface DatabaseAttributes {
  name: string
  /** The row of pg_database. Its columns depend on the version of Postgres. */
  row: Readonly<Record<string, string | number | boolean | null>>
  encoding: string
  owner: string
  /** Whether our role may give a database to this owner. */
  mayGive: boolean
  tablespace: string
  /** Null if the privileges are the defaults of Postgres. */
  acl: string | null
  grants: Grant[] | null
  settings: DatabaseSetting[]
  labels: {provider: string; label: string}[]
  /** Whether it has a subscription of logical replication. */
  subscribed: boolean
}

interface Grant {
  /** Null means PUBLIC. */
  role: string | null
  /** Whether the role is the database's owner. */
  owner: boolean
  privilege: string
  grantable: boolean
}

/** A setting of `ALTER DATABASE … SET` or `ALTER ROLE … IN DATABASE … SET`. */
export interface DatabaseSetting {
  /** Null means all roles. */
  role: string | null
  name: string
  value: string
}

/** Since this version, membership in a role no longer implies the right to SET ROLE to it. */
const setOptionSince = 16

export async function readAttributes(
  client: PostgresClient,
  names: string[],
): Promise<Map<string, DatabaseAttributes>> {
  const privilege = majorVersion(client) >= setOptionSince ? 'SET' : 'MEMBER'
  const {rows} = await client.query<DatabaseAttributes>(catalogQuery('database-attributes'), [names, privilege])
  return new Map(rows.map((row) => [row.name, row]))
}

/** Whether two readings differ in a property that CREATE DATABASE … TEMPLATE does not copy. */
export function differs(a: DatabaseAttributes, b: DatabaseAttributes): boolean {
  const uncopied = ({row, owner, acl, settings, labels, subscribed}: DatabaseAttributes): string =>
    JSON.stringify([
      row['datconnlimit'],
      row['datallowconn'],
      row['datistemplate'],
      owner,
      acl,
      settings,
      labels,
      subscribed,
    ])
  return uncopied(a) !== uncopied(b)
}

/** The clauses of `CREATE DATABASE` that give a new database the encoding, locale, tablespace and owner of `old`. */
export function creationClauses(
  old: DatabaseAttributes,
  standard: DatabaseAttributes | undefined,
  role: string,
): {locale: string; rest: string} {
  const rest: string[] = []
  if (old.owner !== role && old.mayGive) rest.push(`owner ${escapeIdentifier(old.owner)}`)
  if (old.tablespace !== standard?.tablespace) rest.push(`tablespace ${escapeIdentifier(old.tablespace)}`)
  const same = localeColumns.every((column) => old.row[column] === standard?.row[column])
  return {locale: same ? '' : localeClauses(old), rest: rest.join(' ')}
}

/** Uses template0, because only that allows another locale (https://www.postgresql.org/docs/current/sql-createdatabase.html). */
function localeClauses({row, encoding}: DatabaseAttributes): string {
  const text = (column: string): string => escapeLiteral(String(row[column]))
  const clauses = [
    `template template0 encoding ${escapeLiteral(encoding)}`,
    `lc_collate ${text('datcollate')} lc_ctype ${text('datctype')}`,
  ]
  const locale = row['datlocale'] == null ? 'daticulocale' : 'datlocale'
  if (row['datlocprovider'] === 'i') clauses.push(`locale_provider icu icu_locale ${text(locale)}`)
  if (row['datlocprovider'] === 'i' && row['daticurules'] != null) clauses.push(`icu_rules ${text('daticurules')}`)
  if (row['datlocprovider'] === 'b') clauses.push(`locale_provider builtin builtin_locale ${text(locale)}`)
  if (row['datlocprovider'] === 'c') clauses.push('locale_provider libc')
  return clauses.join(' ')
}

/** The statements that give a new database the privileges of `old`. Its owner gets the privileges of the old owner. */
export function grantStatements(name: string, {grants, owner}: DatabaseAttributes, newOwner: string): string[] {
  if (grants === null) return []
  const database = escapeIdentifier(name)
  const role = (grant: Grant): string =>
    grant.role === null ? 'public' : escapeIdentifier(grant.owner ? newOwner : grant.role)
  // The owner's own privileges are revoked too, because the old owner may have had fewer than the default.
  const statements = [`revoke all on database ${database} from public, ${escapeIdentifier(newOwner)}`]
  for (const grant of [...grants].sort((a, b) => Number(b.role === owner) - Number(a.role === owner))) {
    const option = grant.grantable && grant.role !== null ? ' with grant option' : ''
    statements.push(`grant ${grant.privilege} on database ${database} to ${role(grant)}${option}`)
  }

  return statements
}

export function labelStatements(name: string, {labels}: DatabaseAttributes): string[] {
  return labels.map(
    ({provider, label}) =>
      `security label for ${escapeIdentifier(provider)} on database ${escapeIdentifier(name)} is ${escapeLiteral(label)}`,
  )
}

/** Settings whose value is a list with quoted elements (variable_is_guc_list_quote in pg_dump's dumputils.c). */
const listSettings = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

export function settingStatement(database: string, {role, name, value}: DatabaseSetting): string {
  const subject =
    role === null
      ? `database ${escapeIdentifier(database)}`
      : `role ${escapeIdentifier(role)} in database ${escapeIdentifier(database)}`
  const values = listSettings.has(name.toLowerCase()) ? splitList(value) : [value]
  return `alter ${subject} set ${escapeIdentifier(name)} to ${values.map((one) => escapeLiteral(one)).join(', ')}`
}

/** Splits `a, "b c"` into a and b c. An empty list becomes one empty text, because SET needs one. */
function splitList(value: string): string[] {
  const parts = value.match(/"(?:[^"]|"")*"|[^,\s"][^,"]*/g) ?? ['']
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.trim()))
}
