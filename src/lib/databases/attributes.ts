import {catalogQuery} from '../postgres/catalog/catalog.js'
import {localeColumns} from '../postgres/catalog/server-databases.js'
import {majorVersion} from '../postgres/connect/connect.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier, escapeLiteral} from '../postgres/wire/escape.js'

/** What belongs to a database and not to what is in it, as `sql/catalog/database-attributes.sql` selects it. */
export interface DatabaseAttributes {
  name: string
  /** The row of pg_database, whose columns differ from version to version. */
  row: Readonly<Record<string, string | number | boolean | null>>
  encoding: string
  owner: string
  /** Whether the role that asks may make a database this owner's. */
  mayGive: boolean
  tablespace: string
  /** Null where nobody has changed the privileges that Postgres gives. */
  acl: string | null
  grants: Grant[] | null
  settings: DatabaseSetting[]
  labels: {provider: string; label: string}[]
  /** Whether it subscribes to another database's changes. */
  subscribed: boolean
}

interface Grant {
  /** Null is everybody. */
  role: string | null
  /** Whether the role is the database's owner. */
  owner: boolean
  privilege: string
  grantable: boolean
}

/** `ALTER DATABASE … SET`, or `ALTER ROLE … IN DATABASE … SET`. */
export interface DatabaseSetting {
  /** Null for every role. */
  role: string | null
  name: string
  value: string
}

/** Since this version a member of a role may be kept from acting as it. */
const setOptionSince = 16

/** Reads what belongs to the databases of these names. */
export async function readAttributes(
  client: PostgresClient,
  names: string[],
): Promise<Map<string, DatabaseAttributes>> {
  const privilege = majorVersion(client) >= setOptionSince ? 'SET' : 'MEMBER'
  const {rows} = await client.query<DatabaseAttributes>(catalogQuery('database-attributes'), [names, privilege])
  return new Map(rows.map((row) => [row.name, row]))
}

/** Whether what belongs to a database, and what a copy would not have, differs between two looks at it. */
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

/** What `CREATE DATABASE` is to be told, so that a new database has the encoding, locale, tablespace and owner of `old`. */
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

/** https://www.postgresql.org/docs/current/sql-createdatabase.html: another locale than template1's needs template0. */
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

/** The statements that give a database that was just made the privileges of `old`; its owner has those of the old owner. */
export function grantStatements(name: string, {grants, owner}: DatabaseAttributes, newOwner: string): string[] {
  if (grants === null) return []
  const database = escapeIdentifier(name)
  const role = (grant: Grant): string =>
    grant.role === null ? 'public' : escapeIdentifier(grant.owner ? newOwner : grant.role)
  // Of the old owner's own entry too: somebody may have taken a privilege from it.
  const statements = [`revoke all on database ${database} from public, ${escapeIdentifier(newOwner)}`]
  for (const grant of [...grants].sort((a, b) => Number(b.role === owner) - Number(a.role === owner))) {
    const option = grant.grantable && grant.role !== null ? ' with grant option' : ''
    statements.push(`grant ${grant.privilege} on database ${database} to ${role(grant)}${option}`)
  }

  return statements
}

/** The statements that give a database the security labels of `old`. */
export function labelStatements(name: string, {labels}: DatabaseAttributes): string[] {
  return labels.map(
    ({provider, label}) =>
      `security label for ${escapeIdentifier(provider)} on database ${escapeIdentifier(name)} is ${escapeLiteral(label)}`,
  )
}

/** Settings whose value is a list, each element of it quoted by itself (variable_is_guc_list_quote of pg_dump's dumputils.c). */
const listSettings = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
])

/** The statement that makes one setting. */
export function settingStatement(database: string, {role, name, value}: DatabaseSetting): string {
  const subject =
    role === null
      ? `database ${escapeIdentifier(database)}`
      : `role ${escapeIdentifier(role)} in database ${escapeIdentifier(database)}`
  const values = listSettings.has(name.toLowerCase()) ? splitList(value) : [value]
  return `alter ${subject} set ${escapeIdentifier(name)} to ${values.map((one) => escapeLiteral(one)).join(', ')}`
}

/** `a, "b c"` → a and b c; an empty list is one empty text, as SET takes it. */
function splitList(value: string): string[] {
  const parts = value.match(/"(?:[^"]|"")*"|[^,\s"][^,"]*/g) ?? ['']
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.trim()))
}
