import type {OperationContext} from '../access/context.js'
import {protectionOfClient} from '../access/guard.js'
import {CruddurError, InterruptedError, UsageError} from '../errors.js'
import {dropDatabase} from '../postgres/catalog/databases.js'
import {readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {statementFailure} from '../postgres/connect/failures.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {fingerprint} from '../sql-files/fingerprint.js'
import {findSchema, findSeed} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {localName, type Target} from '../targets/target.js'
import {type DatabaseAttributes, differs, readAttributes} from './attributes.js'
import {type BuildingPlan, clausesOf} from './build.js'
import {discard} from './discard.js'
import {keepTemplate, listTemplates, type SizedTemplate, type Template, templateKey, templatesOf} from './template.js'

/** What the cache had to do with a setup. */
export interface CacheOutcome {
  /** Since when the database is as it is, in ISO 8601; null where it was not copied. */
  from: string | null
  /** Why a database that was not copied is not kept; null where it is, or was. */
  problem: string | null
}

/** How many complete databases are kept on a server. */
const most = 3

/** What a setup would be made from at this moment. */
export interface SetupSource {
  key: string
  /** The schema file. */
  schema: string
  /** The seed: a file or a folder; undefined where there is none. */
  seed: string | undefined
}

/** A database that a setup has kept. */
export type CachedDatabase = Omit<SizedTemplate, 'key'> & {
  /** True since one is marked as soon as it is made; programs may look at it. */
  complete: true
}

/**
 * The cache is for databases that come and go on a machine of one's own.
 * @throws UsageError (`cache_local_only`)
 */
export function refuseCacheElsewhere(target: Target, client: PostgresClient): void {
  if (target.name === localName && protectionOfClient(target, client) === undefined) return
  throw new UsageError(`The cache is for local databases, and ${target.name} is not one.`, {
    code: 'cache_local_only',
    next: ['Leave --cached out.'],
  })
}

/**
 * Reads all that a setup would run, includes too, and hashes it with what the server adds.
 * @throws ConfigurationError for a file that cannot be read
 */
export async function setupSource(
  client: PostgresClient,
  cwd: string,
  plan: Pick<BuildingPlan, 'of' | 'databases' | 'attributes'>,
): Promise<SetupSource> {
  const folders = foldersOfRepository(cwd)
  const [schema, seed] = [findSchema(folders), findSeed(folders)]
  const files = await fingerprint([...schema.inputs, ...(seed?.inputs ?? [])], cwd)
  return {key: await templateKey(client, files, clausesOf(plan)), schema: schema.path, seed: seed?.path}
}

/** The complete database that was kept for that source. */
export function cachedFor(databases: ServerDatabases, {key}: SetupSource): Template | undefined {
  return templatesOf(databases).find((template) => template.key === key)
}

/** What {@link keepInCache} copies. */
export interface KeepOptions {
  /** As it was when it was made. */
  made: DatabaseAttributes | undefined
  source: SetupSource
  /** What it would be made from now. */
  sourceNow: SetupSource
}

/**
 * Keeps a copy of the database that was just built from `source`, and lets go of the oldest. That it cannot be kept does
 * not undo a setup: the reason is returned, null where it was kept.
 */
export async function keepInCache(
  client: PostgresClient,
  name: string,
  {made, source, sourceNow}: KeepOptions,
  {target: {url}}: OperationContext,
): Promise<string | null> {
  try {
    if (sourceNow.key !== source.key) return 'the SQL files have changed meanwhile'
    const now = (await readAttributes(client, [name])).get(name)
    if (made === undefined || now === undefined || differs(made, now))
      return 'the SQL files change the database itself (ALTER DATABASE, GRANT ON DATABASE), which a copy would not have'
    const kept = await keepTemplate(client, name, {
      key: source.key,
      at: new Date().toISOString(),
      source: source.schema,
    })
    if (!kept) return 'another setup keeps the same at this moment'
    const templates = templatesOf(await readServerDatabases(client)).filter((template) => !template.protected)
    for (const {name: oldest} of templates.slice(most)) await dropDatabase(client, oldest, {force: false})
    return null
  } catch (error) {
    const failure = statementFailure(error, url)
    if (!(failure instanceof CruddurError) || failure instanceof InterruptedError) throw error
    return failure.message.replace(/\.$/, '')
  }
}

/** The databases that are kept on the target's server, the newest first. */
export async function listCached({target, signal}: OperationContext): Promise<CachedDatabase[]> {
  return withMaintenanceClient(target.url, {signal}, async (client) => {
    refuseCacheElsewhere(target, client)
    return (await listTemplates(client)).map(({name, at, source, protected: isProtected, bytes}) => ({
      name,
      at,
      source,
      protected: isProtected,
      bytes,
      complete: true,
    }))
  })
}

/** Drops every database that is kept on the target's server, but those that were protected. */
export async function clearCache(context: OperationContext): Promise<{cleared: string[]}> {
  const {target, signal, warn} = context
  return withMaintenanceClient(target.url, {signal}, async (client) => {
    refuseCacheElsewhere(target, client)
    const templates = templatesOf(await readServerDatabases(client))
    for (const {name} of templates.filter((template) => template.protected)) warn(`"${name}" is protected and stays.`)
    const names = templates.filter((template) => !template.protected).map(({name}) => name)
    return {cleared: await discard(client, names, {force: true}, context)}
  })
}
