import {CruddurError, InterruptedError, UsageError} from '../errors.js'
import type {PostgresClient} from '../postgres/client.js'
import {dropDatabase} from '../postgres/databases.js'
import {statementFailure} from '../postgres/failures.js'
import {withMaintenanceClient} from '../postgres/maintenance.js'
import {hasUncopied, keepTemplate, listTemplates, type Template, templateKey} from '../postgres/template.js'
import {fingerprint} from '../script/fingerprint.js'
import {findSchema, findSeed} from '../script/sql-file.js'
import {foldersOfRepository} from '../target/folders.js'
import {protectionOf} from '../target/protection.js'
import {localName, type Target} from '../target/target.js'
import type {OperationContext} from './context.js'

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
export type CachedDatabase = Omit<Template, 'key'> & {
  /** False for one that was never completed; it is never used. */
  complete: boolean
}

/**
 * The cache is for databases that come and go on a machine of one's own.
 * @throws UsageError (`cache_local_only`)
 */
export async function refuseCacheElsewhere({name, url}: Target): Promise<void> {
  if (name === localName && (await protectionOf(name, url)) === undefined) return
  throw new UsageError(`The cache is for local databases, and ${name} is not one.`, {
    code: 'cache_local_only',
    next: ['Leave --cached out.'],
  })
}

/**
 * Reads all that a setup would run, includes too, and hashes it with what the server adds.
 * @throws ConfigurationError for a file that cannot be read
 */
export async function setupSource(client: PostgresClient, cwd: string): Promise<SetupSource> {
  const folders = foldersOfRepository(cwd)
  const [schema, seed] = [findSchema(folders), findSeed(folders)]
  const files = await fingerprint([...schema.inputs, ...(seed?.inputs ?? [])], cwd)
  return {key: await templateKey(client, files), schema: schema.path, seed: seed?.path}
}

/** The complete database that was kept for that source. */
export async function cachedFor(client: PostgresClient, {key}: SetupSource): Promise<Template | undefined> {
  return (await listTemplates(client)).find((template) => template.key === key)
}

/**
 * Keeps a copy of the database that was just set up from `source`, and lets go of the oldest. That it cannot be kept does
 * not undo a setup: the reason is returned, null where it was kept.
 */
export async function keepInCache(client: PostgresClient, source: SetupSource, cwd: string, {target: {url}}: OperationContext): Promise<string | null> {
  const name = url.database
  try {
    if ((await setupSource(client, cwd)).key !== source.key) return 'the SQL files have changed meanwhile'
    if (await hasUncopied(client, name)) return 'the SQL files change the database itself (ALTER DATABASE, GRANT ON DATABASE), which a copy would not have'
    const kept = await keepTemplate(client, name, {key: source.key, at: new Date().toISOString(), source: source.schema})
    if (!kept) return 'another setup keeps the same at this moment'
    const complete = (await listTemplates(client)).filter(({key}) => key !== undefined)
    for (const {name: oldest} of complete.slice(most)) await dropDatabase(client, oldest, {force: true})
    return null
  } catch (error) {
    const failure = statementFailure(error, url)
    if (!(failure instanceof CruddurError) || failure instanceof InterruptedError) throw error
    return failure.message.replace(/\.$/, '')
  }
}

/** The databases that are kept on the target's server, the newest first. */
export async function listCached(context: OperationContext): Promise<CachedDatabase[]> {
  await refuseCacheElsewhere(context.target)
  const {target: {url}, signal} = context
  const templates = await withMaintenanceClient(url, {signal}, listTemplates)
  return templates.map(({key, ...template}) => ({...template, complete: key !== undefined}))
}

/** Drops every database that is kept on the target's server. */
export async function clearCache(context: OperationContext): Promise<{cleared: string[]}> {
  await refuseCacheElsewhere(context.target)
  const {target: {url}, signal} = context
  return withMaintenanceClient(url, {signal}, async (client) => {
    const cleared: string[] = []
    for (const {name} of await listTemplates(client)) if (await dropDatabase(client, name, {force: true})) cleared.push(name)
    return {cleared}
  })
}
