import type {OperationContext} from '../access/context.js'
import type {LockedServer} from '../access/lock-target.js'
import {Preconnection} from '../access/preconnection.js'
import {CruddurError, InterruptedError} from '../errors.js'
import type {ServerDatabase, ServerDatabases} from '../postgres/catalog/server-databases.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {loadSchema, type SchemaCompletion, seed, type SqlFileOptions} from '../sql-files/run-sql-file.js'
import {displayPath} from '../sql-files/sql-file.js'
import {localName, type Target} from '../targets/target.js'
import {type DatabaseAttributes, readAttributes} from './attributes.js'
import {type Building, copyBuilding, createBuilding, settingsReset} from './build.js'
import {cachedFor, type CacheOutcome, keepInCache, type SetupSource, setupSource} from './cache.js'
import {markAgain} from '../postgres/catalog/marked-database.js'
import {buildingName, ownDatabases} from './own-databases.js'
import {requireReplaceable} from './swap.js'
import type {Template} from './template.js'

/** One finished step of a setup. */
export interface SetupStep {
  step: 'drop' | 'create' | 'schema:load' | 'seed' | 'cache'
  /** What the step did, for people. */
  outcome: string
  milliseconds: number
}

export interface SetupResult {
  database: string
  steps: SetupStep[]
  /** Whether the old database is kept for undo. */
  kept: boolean
  /** Whether this was a dry run, so that the new database was removed again. */
  dryRun: boolean
  /** How the cache was used; null without --cached. */
  cache: CacheOutcome | null
}

export interface SetupOptions extends Pick<SqlFileOptions, 'transaction' | 'variables' | 'isDump' | 'onProgress'> {
  cwd: string
  /** Ends connected sessions instead of failing. */
  force?: boolean
  /** Keeps the old database for undo, but only on `local`. */
  keep?: boolean
  /** One file that builds everything, for example a dump; then there is no seed. Relative to `cwd`. */
  file?: string
  /** Removes the new database instead of replacing the old one, to check whether the files run. */
  dryRun?: boolean
  /** Copies a cached database of the same files, or caches the new one. `refresh` rebuilds it. Only on `local`. */
  cache?: {refresh: boolean}
  /** Completes the schema, unless `file` builds everything. */
  completion?: SchemaCompletion | undefined
  /** Called after each step. */
  onStep: (step: SetupStep) => void
  /** Called with each message of the server while the files run. */
  onMessage: SqlFileOptions['onMessage']
}

/** The outcome of the step `seed` if there is no seed. */
const noSeed = 'skipped: no seed file'
const noSeedBesideFile = 'skipped: --file builds everything'

/** The state that the steps of one setup share. */
export interface SetupRun {
  server: LockedServer
  options: SetupOptions
  hasSeed: boolean
  /** The database that is replaced. */
  old: ServerDatabase | undefined
  attributes: Map<string, DatabaseAttributes>
  /** The temporary name of the new database, once it may exist. */
  begun: string | undefined
  /** The attributes of the new database before the files ran; only read for the cache. */
  made: DatabaseAttributes | undefined
  /** The settings of the database that the files have reset. */
  reset: Set<string>
  logins: Preconnection[]
  steps: SetupStep[]
}

export async function beginRun(server: LockedServer, options: SetupOptions, hasSeed: boolean): Promise<SetupRun> {
  const name = server.context.target.url.database
  const old = server.databases.byName.get(name)
  const plain = old === undefined || old.plain
  const attributes = plain ? new Map<string, never>() : await readAttributes(server.client, [name, 'template1'])
  const nothing = {begun: undefined, made: undefined}
  return {server, options, hasSeed, old, attributes, ...nothing, reset: new Set(), logins: [], steps: []}
}

/** Whether the old database is kept for undo. Other targets than `local` must not fill up with copies. */
export function keepsOld({keep}: Pick<SetupOptions, 'keep'>, {name}: Target): boolean {
  return keep === true && name === localName
}

/** What becomes of the database that is replaced, for the guard: whether it is kept, and which earlier copies are dropped for it. */
export function fateOfOld(
  databases: ServerDatabases | undefined,
  options: Pick<SetupOptions, 'keep'>,
  target: Target,
): {keeps: boolean; discards: string[] | null} {
  const keeps = keepsOld(options, target) && (databases === undefined || databases.server !== undefined)
  if (!keeps) return {keeps, discards: []}
  if (databases === undefined) return {keeps, discards: null}
  const earlier = ownDatabases(databases, target.url.database, 'kept')
  return {keeps, discards: earlier.filter(({marker}) => marker.protected === undefined).map(({name}) => name)}
}

/** Builds the new database: copies it from the cache, or runs the files. */
export async function build(run: SetupRun): Promise<{building: Building; cache: CacheOutcome | null}> {
  const {client, databases, context} = run.server
  const {cwd, cache} = run.options
  const {attributes} = run
  const {database} = context.target.url
  await step(run, 'drop', async () => ({outcome: await checkReplaceable(run)}))
  const source =
    cache === undefined ? undefined : await setupSource(client, run.options, {of: database, databases, attributes})
  const template = source === undefined || cache?.refresh === true ? undefined : cachedFor(databases, source)
  const {building, copied} = await step(run, 'create', () => make(run, template))
  if (source !== undefined && copied !== undefined) {
    await say(run, 'schema:load', `${displayPath(source.schema, cwd)}, cached`)
    await say(run, 'seed', source.seed === undefined ? noSeed : `${displayPath(source.seed, cwd)}, cached`)
    return {building, cache: {from: copied.at, problem: null}}
  }

  await runFiles(run, building)
  return {building, cache: source === undefined ? null : await keep(run, building, source)}
}

/**
 * Loads the schema, then the seed on a new connection: ALTER DATABASE … SET in the schema must affect the seed, and SET in
 * the schema must not.
 */
async function runFiles(run: SetupRun, building: Building): Promise<void> {
  const {client, context} = run.server
  const {cwd, file, transaction, variables, isDump, completion, onMessage, onProgress} = run.options
  const [schemaLogin, seedLogin] = run.logins
  let commented = false
  const onStatement = (text: string): void => {
    settingsReset(text).forEach((setting) => run.reset.add(setting))
    commented ||= /comment/i.test(text)
  }
  const database = {name: context.target.url.database, builtAs: building.name, onStatement}
  const files = {cwd, transaction, variables, isDump, onMessage, onProgress, database}
  await step(run, 'schema:load', async () => {
    const loaded = await loadSchema({...files, file, completion}, inBuilding(run, building, schemaLogin))
    return {outcome: loaded.file}
  })
  // This is not awaited, because the marker is only needed if this setup is killed.
  if (commented) markAgain(client, building.name, building.marker).catch(() => undefined)
  await step(run, 'seed', async () => {
    if (!run.hasSeed) return {outcome: file === undefined ? noSeed : noSeedBesideFile}
    return {outcome: (await seed(files, inBuilding(run, building, seedLogin))).file}
  })
}

async function checkReplaceable({server, options, old}: SetupRun): Promise<string> {
  const {database} = server.context.target.url
  if (options.dryRun === true) return `${database} is not changed`
  await requireReplaceable(server, old, options.force === true)
  return old === undefined ? `${database} does not exist` : `${database} is kept until the new one is complete`
}

/** The result of the step `create`, with the template if it was copied. */
interface Made {
  outcome: string
  building: Building
  copied?: Template
}

/** Creates the new database. Falls back to CREATE DATABASE if the template was dropped meanwhile. */
async function make(run: SetupRun, template: Template | undefined): Promise<Made> {
  const {client, databases, context} = run.server
  const {url} = context.target
  const {attributes} = run
  const plan = {of: url.database, name: buildingName(url.database), databases, attributes, warn: context.warn}
  run.begun = plan.name
  if (template !== undefined) {
    const building = await copyBuilding(client, plan, template.name)
    if (building !== undefined) return {building, copied: template, outcome: `${url.database} copied from the cache`}
  }

  // The later steps start to log in now, while the server creates the database.
  const inside = url.withDatabase(plan.name)
  run.logins = Array.from(
    {length: run.hasSeed ? 2 : 1},
    () => new Preconnection(inside, {signal: context.signal, hold: true}),
  )
  const building = await createBuilding(client, plan)
  if (run.options.cache !== undefined) run.made = (await readAttributes(client, [plan.name])).get(plan.name)
  if (dropsAtEnd(run)) checkpointAhead(client)
  return {building, outcome: `${url.database} created`}
}

/** Whether a database is dropped at the end: the old one, or an earlier undo copy. */
function dropsAtEnd(run: SetupRun): boolean {
  const {databases, context} = run.server
  if (run.old === undefined || run.options.dryRun === true) return false
  return (
    !keepsOld(run.options, context.target) || ownDatabases(databases, context.target.url.database, 'kept').length > 0
  )
}

/**
 * Starts a checkpoint while the files are loaded. DROP DATABASE needs one, and would have to write all pages of the new
 * database. It does not matter if the role may not start one.
 */
function checkpointAhead(client: PostgresClient): void {
  client.query('checkpoint').catch(() => undefined)
}

function inBuilding(
  {server, options}: SetupRun,
  {name}: Building,
  preconnection: Preconnection | undefined,
): OperationContext {
  const {target} = server.context
  // Only a copy for the cache needs the session to be gone at once. The swap waits for it anyway.
  const locked = {preconnection, isLast: options.cache === undefined}
  const url = target.url.withDatabase(name)
  return {...server.context, target: {...target, url}, progress: () => undefined, locked}
}

async function keep(run: SetupRun, building: Building, source: SetupSource): Promise<CacheOutcome> {
  const {client, databases, context} = run.server
  const {attributes, made} = run
  const {problem} = await step(run, 'cache', async () => {
    const of = context.target.url.database
    const sourceNow = await setupSource(client, run.options, {of, databases, attributes})
    const found = await keepInCache(client, building.name, {made, source, sourceNow}, context)
    return {problem: found, outcome: found === null ? 'cached for the next setup --cached' : 'not cached'}
  })
  return {from: null, problem}
}

/** Reports a step that has nothing to do. */
function say(run: SetupRun, name: SetupStep['step'], outcome: string): Promise<unknown> {
  return step(run, name, () => Promise.resolve({outcome}))
}

async function step<T extends {outcome: string}>(
  run: SetupRun,
  name: SetupStep['step'],
  work: () => Promise<T>,
): Promise<T> {
  const {signal} = run.server.context
  const start = performance.now()
  try {
    if (signal.aborted) throw new InterruptedError(signal.reason)
    const result = await work()
    if (signal.aborted) throw new InterruptedError(signal.reason)
    const done = {step: name, outcome: result.outcome, milliseconds: Math.round(performance.now() - start)}
    run.steps.push(done)
    run.options.onStep(done)
    return result
  } catch (error) {
    if (error instanceof CruddurError) error.step = name
    throw error
  }
}
