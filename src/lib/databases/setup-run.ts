import type {OperationContext} from '../access/context.js'
import {EarlyLogin} from '../access/early-login.js'
import type {LockedServer} from '../access/lock-target.js'
import {CruddurError, InterruptedError} from '../errors.js'
import {heldOtherwise, refuseWhileInUse} from '../postgres/catalog/databases.js'
import type {ServerDatabase} from '../postgres/catalog/server-databases.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {loadSchema, seed, type SqlFileOptions} from '../sql-files/run-sql-file.js'
import {displayPath} from '../sql-files/sql-file.js'
import {localName} from '../targets/target.js'
import {type DatabaseAttributes, readAttributes} from './attributes.js'
import {type Building, copyBuilding, createBuilding, settingsReset} from './build.js'
import {cachedFor, type CacheOutcome, keepInCache, type SetupSource, setupSource} from './cache.js'
import {removeLeftovers} from './discard.js'
import {markAgain} from './marked-database.js'
import {buildingName, ownDatabases} from './own-databases.js'
import type {Template} from './template.js'

/** One step of a setup, as it ended. */
export interface SetupStep {
  step: 'drop' | 'create' | 'schema:load' | 'seed' | 'cache'
  /** What it did, for people. */
  outcome: string
  milliseconds: number
}

/** What a setup did, step by step. */
export interface SetupResult {
  database: string
  steps: SetupStep[]
  /** Whether the old database is kept for undo. */
  kept: boolean
  /** Whether the new database was only tried, and is gone again. */
  dryRun: boolean
  /** What the cache had to do with it; null where it was not asked for. */
  cache: CacheOutcome | null
}

/** What {@link setup} takes. */
export interface SetupOptions {
  cwd: string
  /** Ends the sessions that are connected instead of failing. */
  force?: boolean
  /** Keeps the old database for undo; only ever on `local`. */
  keep?: boolean
  /** One file that makes all of the database, a dump for example: there is no seed then. Relative to `cwd`. */
  file?: string
  /** Removes the new database when it is complete, instead of putting it in the place of the old one: shows whether the files run. */
  dryRun?: boolean
  /** Copies a database that was set up from the same files before, and keeps one: on local only. `refresh` makes a new one. */
  cache?: {refresh: boolean}
  /** Told of each step when it has ended. */
  onStep: (step: SetupStep) => void
  /** Told what the server says while the files run. */
  onMessage: SqlFileOptions['onMessage']
}

/** The outcome of the step `seed` where there is nothing to seed with. */
const noSeed = 'no seed file, passed over'
const noSeedBesideFile = 'left out: the file makes all of it'

/** What the steps of one setup share. */
export interface SetupRun {
  server: LockedServer
  options: SetupOptions
  hasSeed: boolean
  /** The database that is replaced. */
  old: ServerDatabase | undefined
  attributes: Map<string, DatabaseAttributes>
  /** The name of the new database, once it may be there. */
  begun: string | undefined
  /** Of the new database before the files ran, where the cache has to know. */
  made: DatabaseAttributes | undefined
  /** What the files have reset of the database's settings. */
  reset: Set<string>
  logins: EarlyLogin[]
  steps: SetupStep[]
}

/** The run of a setup before its first step. */
export async function beginRun(server: LockedServer, options: SetupOptions, hasSeed: boolean): Promise<SetupRun> {
  const name = server.context.target.url.database
  const old = server.databases.byName.get(name)
  const plain = old === undefined || old.plain
  const attributes = plain ? new Map<string, never>() : await readAttributes(server.client, [name, 'template1'])
  const nothing = {begun: undefined, made: undefined}
  return {server, options, hasSeed, old, attributes, ...nothing, reset: new Set(), logins: [], steps: []}
}

/** Only `local` keeps what it replaces. */
export function keeps({server, options}: SetupRun): boolean {
  return options.keep === true && server.context.target.name === localName
}

/** Builds the new database, by a copy from the cache or from the files. */
export async function build(run: SetupRun): Promise<{building: Building; cache: CacheOutcome | null}> {
  const {client, databases, context} = run.server
  const {cwd, cache} = run.options
  const {attributes} = run
  const {database} = context.target.url
  await step(run, 'drop', async () => ({outcome: await check(run)}))
  const source = cache === undefined ? undefined : await setupSource(client, cwd, {of: database, databases, attributes})
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
 * Loads the schema, and the seed on a connection of its own: what the schema says of sessions to come
 * (ALTER DATABASE … SET) holds for the seed, and what it set for its own session does not.
 */
async function runFiles(run: SetupRun, building: Building): Promise<void> {
  const {client, context} = run.server
  const {cwd, file, onMessage} = run.options
  const [schemaLogin, seedLogin] = run.logins
  let commented = false
  const onStatement = (text: string): void => {
    settingsReset(text).forEach((setting) => run.reset.add(setting))
    commented ||= /comment/i.test(text)
  }
  const files = {cwd, onMessage, database: {name: context.target.url.database, builtAs: building.name, onStatement}}
  await step(run, 'schema:load', async () => {
    const loaded = await loadSchema({...files, file}, inBuilding(run, building, schemaLogin))
    return {outcome: loaded.file}
  })
  // Nothing waits for it: until the swap it only tells others whose the database is.
  if (commented) markAgain(client, building.name, building.marker).catch(() => undefined)
  await step(run, 'seed', async () => {
    if (!run.hasSeed) return {outcome: file === undefined ? noSeed : noSeedBesideFile}
    return {outcome: (await seed(files, inBuilding(run, building, seedLogin))).file}
  })
}

/** Whether the old database can be replaced: what would keep it from being renamed at the end fails now. */
async function check({server: {client, databases, context}, options, old}: SetupRun): Promise<string> {
  const {database} = context.target.url
  if (options.dryRun === true) return `${database} is not touched`
  if (old !== undefined && (old.prepared > 0 || old.slots > 0)) throw heldOtherwise(database)
  if (old !== undefined && old.sessions > 0 && options.force !== true) await refuseWhileInUse(client, database)
  await removeLeftovers(client, databases, context)
  return old === undefined ? `${database} is not there` : `${database} stays until the new one is complete`
}

/** What the step `create` has made, and the template that it was copied from. */
interface Made {
  outcome: string
  building: Building
  copied?: Template
}

/** Makes the new database; falls back to CREATE DATABASE if the template was dropped meanwhile. */
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

  // The logins of the steps inside take as long as the server takes to make the database.
  const inside = url.withDatabase(plan.name)
  run.logins = Array.from({length: run.hasSeed ? 2 : 1}, () => new EarlyLogin(inside, context.signal))
  const building = await createBuilding(client, plan)
  if (run.options.cache !== undefined) run.made = (await readAttributes(client, [plan.name])).get(plan.name)
  if (dropsAtEnd(run)) checkpointAhead(client)
  return {building, outcome: `${url.database} created`}
}

/** Whether a database is dropped at the end: the old one, or the one that was kept before it. */
function dropsAtEnd(run: SetupRun): boolean {
  const {databases, context} = run.server
  if (run.old === undefined || run.options.dryRun === true) return false
  return !keeps(run) || ownDatabases(databases, context.target.url.database, 'kept').length > 0
}

/**
 * DROP DATABASE asks for a checkpoint, which has all pages of the new database to write; begun now, it writes most of them
 * while the files are loaded. A role that may not ask for one leaves it to the DROP.
 */
function checkpointAhead(client: PostgresClient): void {
  client.query('checkpoint').catch(() => undefined)
}

/** The context of a step that works inside the new database. */
function inBuilding({server, options}: SetupRun, {name}: Building, early: EarlyLogin | undefined): OperationContext {
  const {target} = server.context
  // Only a copy for the cache needs the session gone at once; the swap looks for it.
  const locked = {early, isLast: options.cache === undefined}
  const url = target.url.withDatabase(name)
  return {...server.context, target: {...target, url}, progress: () => undefined, locked}
}

async function keep(run: SetupRun, building: Building, source: SetupSource): Promise<CacheOutcome> {
  const {client, databases, context} = run.server
  const {attributes, made} = run
  const {problem} = await step(run, 'cache', async () => {
    const of = context.target.url.database
    const sourceNow = await setupSource(client, run.options.cwd, {of, databases, attributes})
    const found = await keepInCache(client, building.name, {made, source, sourceNow}, context)
    return {problem: found, outcome: found === null ? 'kept for the next setup --cached' : 'not kept'}
  })
  return {from: null, problem}
}

/** A step that has nothing to do. */
function say(run: SetupRun, name: SetupStep['step'], outcome: string): Promise<unknown> {
  return step(run, name, () => Promise.resolve({outcome}))
}

/** Runs a step and tells of it. */
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
