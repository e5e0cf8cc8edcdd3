import {CruddurError, InterruptedError} from '../errors.js'
import {type DatabaseAttributes, readAttributes} from './attributes.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'
import {heldOtherwise, refuseWhileInUse} from '../postgres/catalog/databases.js'
import {EarlyLogin} from '../access/early-login.js'
import {markAgain} from './marked-database.js'
import {buildingName, ownDatabases} from './own-databases.js'
import type {ServerDatabase} from '../postgres/catalog/server-databases.js'
import type {Template} from './template.js'
import {displayPath, findSchema, findSeed} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {refuseServerDatabase} from '../targets/protection.js'
import {localName, type Target} from '../targets/target.js'
import {type Building, createBuilding, settingsReset} from './build.js'
import type {OperationContext} from '../access/context.js'
import {removeLeftovers} from './discard.js'
import type {Work} from '../access/effect.js'
import {type LockedServer, withLockedServer} from '../access/lock-target.js'
import {loadSchema, seed, type SqlFileOptions} from '../sql-files/run-sql-file.js'
import {type CacheOutcome, cachedFor, keepInCache, refuseCacheElsewhere, type SetupSource, setupSource} from './cache.js'
import {giveUp, removeTried, swapIn} from './swap.js'

/** One step of a setup, as it ended. */
export interface SetupStep {
  step: 'drop' | 'create' | 'schema:load' | 'seed' | 'cache'
  /** What it did, for people. */
  outcome: string
  milliseconds: number
}

/** What {@link setup} did, step by step. */
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
interface Run {
  server: LockedServer
  options: SetupOptions
  hasSeed: boolean
  /** The database that is replaced. */
  old: ServerDatabase | undefined
  attributes: Map<string, DatabaseAttributes>
  /** The name of the new database, once it may be there. */
  begun: string | undefined
  building: Building | undefined
  /** Of the new database before the files ran, where the cache has to know. */
  made: DatabaseAttributes | undefined
  /** What the files have reset of the database's settings. */
  reset: Set<string>
  logins: EarlyLogin[]
  steps: SetupStep[]
}

/**
 * Drops, creates, loads the schema and seeds, in this order, all on the one target of `context`. The new database is made
 * under another name and takes the old one's place when it is complete, in one transaction: until then the old one is in
 * use, untouched, whatever happens to this process. The error says in `step` where it happened.
 */
export async function setup(options: SetupOptions, context: OperationContext): Promise<SetupResult> {
  refuseServerDatabase(context.target)
  const folders = foldersOfRepository(options.cwd)
  findSchema(folders, options.file)
  const hasSeed = options.file === undefined && findSeed(folders) !== undefined
  const name = context.target.url.database
  // Ctrl-C must not end this session: it is the one that removes what was begun.
  const guarded = {work: setupWork(options, context.target)}
  return withLockedServer({guarded, onceStarted: 'setup', outlivesAbort: true, isLast: true}, context, async (server) => {
    if (options.cache !== undefined) refuseCacheElsewhere(context.target, server.client)
    const old = server.databases.byName.get(name)
    const attributes = old === undefined || old.plain ? new Map<string, never>() : await readAttributes(server.client, [name, 'template1'])
    const run: Run = {server, options, hasSeed, old, attributes, begun: undefined, building: undefined, made: undefined, reset: new Set(), logins: [], steps: []}
    try {
      const cache = await build(run)
      const done = {database: name, steps: run.steps, cache}
      if (options.dryRun === true) {
        await removeTried(server, run.building!)
        return {...done, kept: false, dryRun: true}
      }

      const kept = await swapIn(server, {building: run.building!, old, before: attributes.get(name), reset: run.reset, keep: keeps(run), force: options.force === true})
      return {...done, kept, dryRun: false}
    } catch (error) {
      for (const login of run.logins) login.abandon()
      if (run.begun !== undefined) await giveUp(server, run.begun)
      throw error
    }
  })
}

/**
 * What {@link setup} will do to the target.
 * @throws ConfigurationError when it is asked, if there is no schema file
 */
export function setupWork({cwd, file, dryRun, force = false, keep = false}: Pick<SetupOptions, 'cwd' | 'file' | 'dryRun' | 'force' | 'keep'>, {name, url}: Target): Work {
  return {
    effect({databases}) {
      const folders = foldersOfRepository(cwd)
      const found = [findSchema(folders, file), file === undefined ? findSeed(folders) : undefined]
      const files = found.flatMap((script) => (script === undefined ? [] : [displayPath(script.path, cwd)]))
      if (dryRun === true) return {kind: 'dry-run', files}
      const keeps = keep && name === localName && (databases === undefined || databases.server !== undefined)
      const earlier = databases === undefined ? null : ownDatabases(databases, url.database, 'kept').filter(({marker}) => marker.protected === undefined)
      const discards = keeps ? earlier && earlier.map((database) => database.name) : []
      return {kind: 'setup', files, keeps, discards, force}
    },
  }
}

/** Only `local` keeps what it replaces. */
function keeps({server: {context: {target}}, options}: Run): boolean {
  return options.keep === true && target.name === localName
}

async function build(run: Run): Promise<CacheOutcome | null> {
  const {server: {client, databases, context}, options: {cwd, file, cache, onMessage}, attributes, hasSeed} = run
  const {database} = context.target.url
  await step(run, 'drop', () => check(run))
  const source = cache === undefined ? undefined : await setupSource(client, cwd, {of: database, databases, attributes})
  const template = source === undefined || cache?.refresh === true ? undefined : cachedFor(databases, source)
  let copied: Template | undefined
  await step(run, 'create', async () => {
    copied = await make(run, template)
    return copied === undefined ? `${database} created` : `${database} copied from the cache`
  })
  if (source !== undefined && copied !== undefined) {
    await step(run, 'schema:load', () => Promise.resolve(`${displayPath(source.schema, cwd)}, cached`))
    await step(run, 'seed', () => Promise.resolve(source.seed === undefined ? noSeed : `${displayPath(source.seed, cwd)}, cached`))
    return {from: copied.at, problem: null}
  }

  // A connection each: what the schema says of sessions to come (ALTER DATABASE … SET) holds for the seed, and what it
  // set for its own does not.
  const [schemaLogin, seedLogin] = run.logins
  let commented = false
  const onStatement = (text: string): void => {
    settingsReset(text).forEach((setting) => run.reset.add(setting))
    commented ||= /comment/i.test(text)
  }
  const files = {cwd, onMessage, database: {name: database, builtAs: run.building!.name, onStatement}}
  await step(run, 'schema:load', async () => (await loadSchema({...files, file}, inBuilding(run, schemaLogin))).file)
  // Nothing waits for it: until the swap it only tells others whose the database is.
  if (commented) markAgain(client, run.building!.name, run.building!.marker).catch(() => undefined)
  await step(run, 'seed', async () => (hasSeed ? (await seed(files, inBuilding(run, seedLogin))).file : file === undefined ? noSeed : noSeedBesideFile))
  return source === undefined ? null : keep(run, source)
}

/** Whether the old database can be replaced: what would keep it from being renamed at the end fails now. */
async function check({server: {client, databases, context}, options, old}: Run): Promise<string> {
  const {database} = context.target.url
  if (options.dryRun === true) return `${database} is not touched`
  if (old !== undefined && (old.prepared > 0 || old.slots > 0)) throw heldOtherwise(database)
  if (old !== undefined && old.sessions > 0 && options.force !== true) await refuseWhileInUse(client, database)
  await removeLeftovers(client, databases, context)
  return old === undefined ? `${database} is not there` : `${database} stays until the new one is complete`
}

/** Makes the new database from the template, which is returned; one that has gone meanwhile is as if there had been none. */
async function make(run: Run, template: Template | undefined): Promise<Template | undefined> {
  const {server: {client, databases, context}, attributes} = run
  const {target: {url}, signal, warn} = context
  const plan = {of: url.database, name: buildingName(url.database), databases, attributes, warn}
  run.begun = plan.name
  if (template !== undefined) run.building = await createBuilding(client, {...plan, template: template.name})
  if (run.building !== undefined) return template
  // The logins of the steps inside take as long as the server takes to make the database.
  const inside = url.withDatabase(plan.name)
  run.logins = Array.from({length: run.hasSeed ? 2 : 1}, () => new EarlyLogin(inside, signal))
  run.building = await createBuilding(client, plan)
  if (run.options.cache !== undefined) run.made = (await readAttributes(client, [plan.name])).get(plan.name)
  if (discards(run)) checkpointAhead(client)
  return undefined
}

/** Whether a database is dropped at the end: the old one, or the one that was kept before it. */
function discards(run: Run): boolean {
  const {old, server: {databases, context}} = run
  return old !== undefined && (!keeps(run) || ownDatabases(databases, context.target.url.database, 'kept').length > 0)
}

/**
 * DROP DATABASE asks for a checkpoint, which has all pages of the new database to write; begun now, it writes most of them
 * while the files are loaded. A role that may not ask for one leaves it to the DROP.
 */
function checkpointAhead(client: PostgresClient): void {
  client.query('checkpoint').catch(() => undefined)
}

/** The context of a step that works inside the new database. */
function inBuilding({server: {context}, options, building}: Run, early: EarlyLogin | undefined): OperationContext {
  const {target} = context
  const url = target.url.withDatabase(building!.name)
  // Only a copy for the cache needs the session gone at once; the swap looks for it.
  return {...context, target: {...target, url}, progress: () => undefined, locked: {early, isLast: options.cache === undefined}}
}

async function keep(run: Run, source: SetupSource): Promise<CacheOutcome> {
  const {server: {client, databases, context}, options: {cwd}, attributes, building, made} = run
  let problem: string | null = null
  await step(run, 'cache', async () => {
    const sourceNow = await setupSource(client, cwd, {of: context.target.url.database, databases, attributes})
    problem = await keepInCache(client, building!.name, {made, source, sourceNow}, context)
    return problem === null ? 'kept for the next setup --cached' : 'not kept'
  })
  return {from: null, problem}
}

/** Runs a step and tells of it. */
async function step({server: {context: {signal}}, steps, options}: Run, name: SetupStep['step'], work: () => Promise<string>): Promise<void> {
  const start = performance.now()
  try {
    if (signal.aborted) throw new InterruptedError(signal.reason)
    const outcome = await work()
    if (signal.aborted) throw new InterruptedError(signal.reason)
    const done = {step: name, outcome, milliseconds: Math.round(performance.now() - start)}
    steps.push(done)
    options.onStep(done)
  } catch (error) {
    if (error instanceof CruddurError) error.step = name
    throw error
  }
}
