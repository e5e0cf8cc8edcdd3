import type {OperationContext} from '../access/context.js'
import {CruddurError, InterruptedError} from '../errors.js'
import {dropDatabase} from '../postgres/catalog/databases.js'
import {readServerDatabases, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {wantedEncoding} from '../postgres/connect/client-encoding.js'
import {statementFailure} from '../postgres/connect/failures.js'
import {withMaintenanceClient} from '../postgres/connect/maintenance.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {fingerprint} from '../sql-files/fingerprint.js'
import type {SchemaOptions} from '../sql-files/run-sql-file.js'
import {findSchema, findSeed} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {type DatabaseAttributes, differs, readAttributes} from './attributes.js'
import {type BuildingPlan, clausesOf} from './build.js'
import {discard} from './discard.js'
import {requireLocal} from './local-only.js'
import {keepTemplate, listTemplates, type SizedTemplate, type Template, templateKey, templatesOf} from './template.js'

/** How setup used the cache. */
export interface CacheOutcome {
  /** When the copied database was built, in ISO 8601; null if the database was not copied. */
  from: string | null
  /** Why a newly built database was not cached; null if it was cached, or copied. */
  problem: string | null
}

/** How many databases are cached on a server. */
const maxCached = 3

/** The files from which setup would build now. */
export interface SetupSource {
  key: string
  /** The schema file. */
  schema: string
  /** The seed file or folder; undefined if there is none. */
  seed: string | undefined
}

/** A database that setup has cached. */
export type CachedDatabase = Omit<SizedTemplate, 'key'> & {
  /** Always true, because only complete databases are listed. Programs may read it. */
  complete: true
}

/**
 * Hashes all files that setup would run, including \\i files and variables, their encoding, and the server's version and defaults.
 * @throws ConfigurationError if a file cannot be read
 */
export async function setupSource(
  client: PostgresClient,
  {cwd, variables, completion}: Pick<SchemaOptions, 'cwd' | 'variables' | 'completion'>,
  plan: Pick<BuildingPlan, 'of' | 'databases' | 'attributes'>,
): Promise<SetupSource> {
  const folders = foldersOfRepository(cwd)
  const [schema, seed] = [findSchema(folders), findSeed(folders)]
  const more = (completion?.paths ?? []).map((path) => ({path}))
  const files = await fingerprint([...schema.inputs, ...(seed?.inputs ?? []), ...more], {
    cwd,
    variables,
    database: plan.of,
  })
  const encoding = wantedEncoding(client)
  const source = encoding === undefined ? files : `${files} ${encoding}`
  return {key: await templateKey(client, source, clausesOf(plan)), schema: schema.path, seed: seed?.path}
}

/** The cached database that was built from that source. */
export function cachedFor(databases: ServerDatabases, {key}: SetupSource): Template | undefined {
  return templatesOf(databases).find((template) => template.key === key)
}

export interface KeepOptions {
  /** Its attributes when it was created. */
  made: DatabaseAttributes | undefined
  source: SetupSource
  /** The source as it is now. */
  sourceNow: SetupSource
}

/**
 * Caches a copy of the new database, and drops the oldest cached one. Setup does not fail if it cannot be cached: the
 * reason is returned, or null if it was cached.
 */
export async function keepInCache(
  client: PostgresClient,
  name: string,
  {made, source, sourceNow}: KeepOptions,
  {target: {url}}: OperationContext,
): Promise<string | null> {
  try {
    if (sourceNow.key !== source.key)
      return 'the SQL files were changed while setup was running, or only a run can tell what they read'
    const now = (await readAttributes(client, [name])).get(name)
    if (made === undefined || now === undefined || differs(made, now))
      return 'the SQL files change the database itself (ALTER DATABASE, GRANT ON DATABASE), and a copy would not have these changes'
    const kept = await keepTemplate(client, name, {
      key: source.key,
      at: new Date().toISOString(),
      source: source.schema,
    })
    if (!kept) return 'another setup is caching the same database'
    const templates = templatesOf(await readServerDatabases(client)).filter((template) => !template.protected)
    for (const {name: oldest} of templates.slice(maxCached)) await dropDatabase(client, oldest, {force: false})
    return null
  } catch (error) {
    const failure = statementFailure(error, url)
    if (!(failure instanceof CruddurError) || failure instanceof InterruptedError) throw error
    return failure.message.replace(/\.$/, '')
  }
}

/** Lists the cached databases on the target's server, newest first. */
export async function listCached({target, signal}: OperationContext): Promise<CachedDatabase[]> {
  return withMaintenanceClient(target.url, {signal}, async (client) => {
    requireLocal(target, client, 'The cache is')
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

/** Drops all cached databases on the target's server, except protected ones. */
export async function clearCache(context: OperationContext): Promise<{cleared: string[]}> {
  const {target, signal, warn} = context
  return withMaintenanceClient(target.url, {signal}, async (client) => {
    requireLocal(target, client, 'The cache is')
    const templates = templatesOf(await readServerDatabases(client))
    for (const {name} of templates.filter((template) => template.protected))
      warn(`"${name}" is protected and was not dropped.`)
    const names = templates.filter((template) => !template.protected).map(({name}) => name)
    return {cleared: await discard(client, names, {force: true}, context)}
  })
}
