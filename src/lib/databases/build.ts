import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import type {ServerDatabases} from '../postgres/catalog/server-databases.js'
import {together} from '../postgres/connect/client.js'
import {sqlState, sqlStateOf, textOfFailure} from '../postgres/connect/failures.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {escapeIdentifier} from '../postgres/wire/escape.js'
import {
  creationClauses,
  type DatabaseAttributes,
  type DatabaseSetting,
  grantStatements,
  labelStatements,
  readAttributes,
  settingStatement,
} from './attributes.js'
import {createMarked} from '../postgres/catalog/marked-database.js'
import {cloning, copyClauses} from './template.js'

/** A database that setup is building under a temporary name. */
export interface Building {
  name: string
  oid: number
  marker: DatabaseMarker
}

export interface BuildingPlan {
  /** The name of the database that it will replace. */
  of: string
  /** Its temporary name. */
  name: string
  databases: ServerDatabases
  /** Attributes of the database that it will replace and of template1, by name. */
  attributes: ReadonlyMap<string, DatabaseAttributes>
  warn: (text: string) => void
}

/** SQLSTATEs with which a server refuses clauses that it does not know or that the role may not use. */
const clauseRefused: readonly (string | undefined)[] = [
  sqlState.insufficientPrivilege,
  sqlState.invalidParameter,
  sqlState.undefinedObject,
  sqlState.wrongObject,
  sqlState.featureNotSupported,
]

/**
 * Creates the new database with the encoding, locale, tablespace, owner, privileges, security labels and comment of the
 * old one. It warns about each property that cannot be copied.
 */
export async function createBuilding(client: PostgresClient, plan: BuildingPlan): Promise<Building> {
  const {of, databases, attributes, warn} = plan
  const clauses = clausesOf(plan)
  try {
    return await send(client, plan, clauses)
  } catch (error) {
    if (clauses === '' || !clauseRefused.includes(sqlStateOf(error))) throw error
    const building = await send(client, {...plan, attributes: new Map()}, '')
    warn(
      `The new "${of}" was created without these clauses of the old database: ${clauses}. Reason: ${textOfFailure(error)}. Its owner is "${databases.role}"${attributes.get(of)?.grants == null ? '' : ', and it has default privileges'}.`,
    )
    return building
  }
}

/** Creates the new database as a copy of `template`; undefined if the template was dropped meanwhile. */
export async function copyBuilding(
  client: PostgresClient,
  plan: BuildingPlan,
  template: string,
): Promise<Building | undefined> {
  const clauses = clausesOf({...plan, template})
  try {
    return await cloning(client, () => send(client, plan, clauses, copyClauses(client, template)))
  } catch (error) {
    if (sqlStateOf(error) === sqlState.missingDatabase) return undefined
    throw error
  }
}

/** The clauses of CREATE DATABASE in addition to TEMPLATE. */
export function clausesOf({
  of,
  databases,
  attributes,
  template,
}: Pick<BuildingPlan, 'of' | 'databases' | 'attributes'> & {template?: string}): string {
  const old = attributes.get(of)
  if (old === undefined) return ''
  const {locale, rest} = creationClauses(old, attributes.get('template1'), databases.role)
  return (template === undefined ? `${rest} ${locale}` : rest).trim()
}

async function send(
  client: PostgresClient,
  {of, name, databases, attributes, warn}: BuildingPlan,
  clauses: string,
  copy = '',
): Promise<Building> {
  const old = attributes.get(of)
  const owner = old?.mayGive === true ? old.owner : databases.role
  const marker: DatabaseMarker = {state: 'building', of, name, server: databases.server, at: new Date().toISOString()}
  const comment = {text: databases.byName.get(of)?.text ?? '', marker}
  const database = escapeIdentifier(name)
  const problems: string[] = []
  const carry = (statement: string): Promise<unknown> =>
    client
      .query(statement)
      .catch((error: unknown) =>
        problems.push(notCopied(of, statement.replaceAll(database, escapeIdentifier(of)), error)),
      )
  const oid = await createMarked(client, {name, clauses: `${copy} ${clauses}`.trim(), comment}, () => [
    ...(old === undefined ? [] : [...grantStatements(name, old, owner), ...labelStatements(name, old)]).map(carry),
  ])
  if (old !== undefined && owner !== old.owner)
    problems.push(
      `The owner of "${of}" was "${old.owner}" and is now "${owner}", because "${owner}" may not give it to "${old.owner}".`,
    )
  for (const problem of problems) warn(problem)
  return {name, oid, marker}
}

export interface CarryOverOptions {
  /** The name of the database that is replaced. */
  of: string
  /** Its attributes when the new database was created. */
  before: DatabaseAttributes | undefined
  /** The settings that the SQL files have reset, in lower case; `all` means all of them. */
  reset: ReadonlySet<string>
  warn: (text: string) => void
}

/** The names of settings that a statement resets, for {@link CarryOverOptions}. */
export function settingsReset(statement: string): string[] {
  const [, reset] = /\breset\s+"?([\w.]+)/i.exec(statement) ?? []
  const [, standard] = /\bset\s+"?([\w.]+)"?\s*(?:=|\bto\b)\s*default\b/i.exec(statement) ?? []
  return [reset, standard].flatMap((name) => name?.toLowerCase() ?? [])
}

/**
 * Copies settings, the connection limit and whether connections are allowed, unless the SQL files have set them. This is
 * done last, so that the files run as in a new database. It warns about each property that cannot be copied.
 */
export async function carryOver(
  client: PostgresClient,
  building: Building,
  {of, before, reset, warn}: CarryOverOptions,
): Promise<void> {
  const attributes = await readAttributes(client, [of, building.name])
  const [old, made] = [attributes.get(of), attributes.get(building.name)]
  if (old === undefined || made === undefined) return
  if ((before?.acl ?? null) !== old.acl)
    warn(`The privileges on "${of}" were changed while setup was running. The new database has the earlier privileges.`)
  const left = old.settings.filter(
    (setting) => !made.settings.some((own) => isSameAttributes(own, setting)) && !isReset(setting, reset),
  )
  const statements = left.map((setting) => settingStatement(building.name, setting))
  const database = escapeIdentifier(building.name)
  if (made.row['datconnlimit'] === -1 && old.row['datconnlimit'] !== -1)
    statements.push(`alter database ${database} connection limit ${Number(old.row['datconnlimit'])}`)
  if (made.row['datallowconn'] === true && old.row['datallowconn'] === false)
    statements.push(`alter database ${database} allow_connections false`)
  if (statements.length === 0) return
  const problem = (statement: string, error: unknown): void =>
    warn(notCopied(of, statement.replaceAll(database, escapeIdentifier(of)), error))
  await together(client, () =>
    statements.map((statement) => client.query(statement).catch((error: unknown) => problem(statement, error))),
  )
}

function notCopied(of: string, statement: string, error: unknown): string {
  return `Not copied to the new "${of}": ${statement}: ${textOfFailure(error)}.`
}

function isReset({role, name}: DatabaseSetting, reset: ReadonlySet<string>): boolean {
  return role === null && (reset.has('all') || reset.has(name.toLowerCase()))
}

const isSameAttributes = (a: DatabaseSetting, b: DatabaseSetting): boolean => a.role === b.role && a.name === b.name
