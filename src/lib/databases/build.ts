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
import {createMarked} from './marked-database.js'
import {cloning, copyClauses} from './template.js'

/** A database that a setup is making, under a name of its own. */
export interface Building {
  name: string
  oid: number
  marker: DatabaseMarker
}

/** What {@link createBuilding} is to make. */
export interface BuildingPlan {
  /** The name of the database whose place it will take. */
  of: string
  /** Its own name until then. */
  name: string
  databases: ServerDatabases
  /** Of the database that it will replace, and of template1, by name. */
  attributes: ReadonlyMap<string, DatabaseAttributes>
  warn: (text: string) => void
}

/** How a server refuses clauses that it, or the role, cannot do. */
const clauseRefused: readonly (string | undefined)[] = [
  sqlState.insufficientPrivilege,
  sqlState.invalidParameter,
  sqlState.undefinedObject,
  sqlState.wrongObject,
  sqlState.featureNotSupported,
]

/**
 * Makes the new database with the encoding, locale, tablespace, owner, privileges, security labels and comment of the one
 * that it will replace. What cannot be carried over is a warning.
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
      `The new "${of}" has not what the old one had (${clauses}): ${textOfFailure(error)}. It belongs to "${databases.role}"${attributes.get(of)?.grants == null ? '' : ', and its privileges are those of a new database'}.`,
    )
    return building
  }
}

/** The same as a copy of `template`, a complete database; undefined where that is gone. */
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

/** What CREATE DATABASE is to be told beside a template. */
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
        problems.push(
          `Not carried over to the new "${of}": ${statement.replaceAll(database, escapeIdentifier(of))}: ${textOfFailure(error)}.`,
        ),
      )
  const oid = await createMarked(client, {name, clauses: `${copy} ${clauses}`.trim(), comment}, () => [
    ...(old === undefined ? [] : [...grantStatements(name, old, owner), ...labelStatements(name, old)]).map(carry),
  ])
  if (old !== undefined && owner !== old.owner)
    problems.push(`The owner of "${of}" was "${old.owner}" and is now "${owner}", who may not give it away.`)
  for (const problem of problems) warn(problem)
  return {name, oid, marker}
}

/** What {@link carryOver} compares. */
export interface CarryOverOptions {
  /** The name of the database that is replaced. */
  of: string
  /** Of it when the new one was made. */
  before: DatabaseAttributes | undefined
  /** The settings that the files have reset, in lower case; `all` for all of them. */
  reset: ReadonlySet<string>
  warn: (text: string) => void
}

/** The settings that a statement on the database resets, as {@link CarryOverOptions} has them. */
export function settingsReset(statement: string): string[] {
  const [, reset] = /\breset\s+"?([\w.]+)/i.exec(statement) ?? []
  const [, standard] = /\bset\s+"?([\w.]+)"?\s*(?:=|\bto\b)\s*default\b/i.exec(statement) ?? []
  return [reset, standard].flatMap((name) => name?.toLowerCase() ?? [])
}

/**
 * Gives the finished database what its predecessor has of its own and the files have not set: settings, the limit of
 * connections, whether it can be connected to. Not before: the files are to run as in a new database. What cannot be carried
 * over is a warning.
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
    warn(`The privileges on "${of}" were changed while setup ran; the new one has those of before.`)
  const left = old.settings.filter(
    (setting) => !made.settings.some((own) => isSame(own, setting)) && !isReset(setting, reset),
  )
  const statements = left.map((setting) => settingStatement(building.name, setting))
  const database = escapeIdentifier(building.name)
  if (made.row['datconnlimit'] === -1 && old.row['datconnlimit'] !== -1)
    statements.push(`alter database ${database} connection limit ${Number(old.row['datconnlimit'])}`)
  if (made.row['datallowconn'] === true && old.row['datallowconn'] === false)
    statements.push(`alter database ${database} allow_connections false`)
  if (statements.length === 0) return
  const problem = (statement: string, error: unknown): void =>
    warn(
      `Not carried over to the new "${of}": ${statement.replaceAll(database, escapeIdentifier(of))}: ${textOfFailure(error)}.`,
    )
  await together(client, () =>
    statements.map((statement) => client.query(statement).catch((error: unknown) => problem(statement, error))),
  )
}

function isReset({role, name}: DatabaseSetting, reset: ReadonlySet<string>): boolean {
  return role === null && (reset.has('all') || reset.has(name.toLowerCase()))
}

const isSame = (a: DatabaseSetting, b: DatabaseSetting): boolean => a.role === b.role && a.name === b.name
