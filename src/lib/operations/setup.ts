import {CruddurError, InterruptedError} from '../errors.js'
import type {Claim, MarkedDatabase} from '../postgres/claim.js'
import {claimDatabase} from '../postgres/claim.js'
import {pipeline, type PostgresClient} from '../postgres/client.js'
import {changeDatabases, type DatabaseChange, dropDatabase, freeName} from '../postgres/databases.js'
import {EarlyLogin} from '../postgres/early-login.js'
import {copyDatabase, type Template} from '../postgres/template.js'
import {displayPath, findSchema, findSeed} from '../script/sql-file.js'
import {foldersOfRepository} from '../target/folders.js'
import {localName} from '../target/target.js'
import {refuseServerDatabase} from '../target/protection.js'
import {withClaimedServer} from './claim-target.js'
import type {OperationContext} from './context.js'
import {createDatabase} from './create.js'
import {loadSchema, seed, type SqlFileOptions} from './run-sql-file.js'
import {mend, setAside, standingFor} from './set-aside.js'
import {cachedFor, keepInCache, refuseCacheElsewhere, setupSource} from './setup-cache.js'

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
  /** What the cache had to do with it; null where it was not asked for. */
  cache: CacheOutcome | null
}

/** What the cache had to do with a setup. */
export interface CacheOutcome {
  /** Since when the database is as it is, in ISO 8601; null where it was made anew. */
  from: string | null
  /** Why a database that was made anew is not kept; null where it is, or was. */
  problem: string | null
}

/** What {@link setup} takes. */
export interface SetupOptions {
  cwd: string
  /** Ends the sessions that are connected instead of failing. */
  force?: boolean
  /** Keeps the old database for undo; only ever on `local`. */
  keep?: boolean
  /** Copies a database that was set up from the same files before, and keeps one: on local only. `refresh` makes it anew. */
  cache?: {refresh: boolean}
  /** Told of each step when it has ended. */
  onStep: (step: SetupStep) => void
  /** Told what the server says while the files run. */
  onMessage: SqlFileOptions['onMessage']
}

/** The outcome of the step `seed` where there is nothing to seed with. */
const noSeed = 'no seed file, passed over'

/**
 * Drops, creates, loads the schema and seeds, in this order, all on the one target of `context`. The drop only sets
 * the old database aside: should a step fail, or Ctrl-C come, it is back under its name, untouched; after a crash the
 * next command puts it back. The error says in `step` where it happened.
 */
export async function setup(options: SetupOptions, context: OperationContext): Promise<SetupResult> {
  refuseServerDatabase(context.target)
  findSchema(foldersOfRepository(options.cwd))
  const hasSeed = findSeed(foldersOfRepository(options.cwd)) !== undefined
  if (options.cache !== undefined) await refuseCacheElsewhere(context.target)
  // Ctrl-C must not end this session: it is the one that puts the old database back.
  return withClaimedServer({guarded: true, outlivesAbort: true, isLast: true}, context, async (client, claim) => {
    const logins = new Logins(context, hasSeed)
    const keep = options.keep === true && context.target.name === localName
    try {
      const {old, ...done} = await rebuild(client, claim, {...options, keep, hasSeed}, context, logins)
      const kept = await complete(client, {claim, old, keep}, context)
      return {database: context.target.url.database, kept, ...done}
    } catch (error) {
      logins.abandon()
      await putBack(client, context)
      throw error
    }
  })
}

/**
 * The logins of the steps inside the new database. They may begin only when the old one has another name: a server that
 * asks for no password lets them into whatever has this one.
 */
class Logins {
  schema: EarlyLogin | undefined
  seed: EarlyLogin | undefined

  constructor(
    private readonly context: OperationContext,
    private readonly hasSeed: boolean,
  ) {}

  begin(): void {
    const {target: {url}, signal} = this.context
    this.schema = new EarlyLogin(url, signal)
    if (this.hasSeed) this.seed = new EarlyLogin(url, signal)
  }

  abandon(): void {
    this.schema?.abandon()
    this.seed?.abandon()
  }
}

async function putBack(client: PostgresClient, context: OperationContext): Promise<void> {
  const {database} = context.target.url
  try {
    await mend(client, await claimDatabase(client, database), context)
  } catch {
    context.progress(`The old "${database}" could not be put back now; the next command on it does so.`)
  }
}

async function rebuild(
  client: PostgresClient,
  claim: Claim,
  {cwd, force = false, keep = false, cache, onStep, onMessage, hasSeed}: SetupOptions & {hasSeed: boolean},
  context: OperationContext,
  logins: Logins,
): Promise<{steps: SetupStep[]; old?: MarkedDatabase; cache: CacheOutcome | null}> {
  const name = context.target.url.database
  const steps: SetupStep[] = []
  const run = async (step: SetupStep['step'], work: () => Promise<string>): Promise<void> => {
    const done = await timed(step, work, context.signal)
    steps.push(done)
    onStep(done)
  }

  const source = cache === undefined ? undefined : await setupSource(client, cwd)
  let template = source === undefined || cache?.refresh === true ? undefined : await cachedFor(client, source)
  const creation = new Creation(client, name)
  let old: MarkedDatabase | undefined
  await run('drop', async () => {
    old = await setAside(client, claim, {force, onSent: () => template === undefined && creation.send()}, context)
    return old !== undefined ? `${name} set aside` : `${name} was not there`
  })
  await run('create', async () => {
    template = await make(creation, template, logins)
    if (template === undefined && discards(claim, name, keep)) checkpointAhead(client)
    if (old === undefined) await changeDatabases(client, [{name, note: {text: '', mark: {state: 'building', of: name}}}])
    return template === undefined ? `${name} created` : `${name} copied from the cache`
  })
  if (source !== undefined && template !== undefined) {
    await run('schema:load', () => Promise.resolve(`${displayPath(source.schema, cwd)}, cached`))
    await run('seed', () => Promise.resolve(source.seed === undefined ? noSeed : `${displayPath(source.seed, cwd)}, cached`))
    return {steps, old, cache: {from: template.at, problem: null}}
  }

  // A connection each: what the schema says of sessions to come (ALTER DATABASE … SET) holds for the seed, and what it
  // set for its own does not.
  const isLast = source === undefined
  const asStep = (early: EarlyLogin | undefined): OperationContext => ({...context, progress: () => undefined, claimed: {early, isLast}})
  await run('schema:load', async () => (await loadSchema({cwd, onMessage}, asStep(logins.schema))).file)
  await run('seed', async () => (hasSeed ? (await seed({cwd, onMessage}, asStep(logins.seed))).file : noSeed))
  if (source === undefined) return {steps, old, cache: null}
  let problem: string | null = null
  await run('cache', async () => {
    problem = await keepInCache(client, source, cwd, context)
    return problem === null ? 'kept for the next setup --cached' : 'not kept'
  })
  return {steps, old, cache: {from: null, problem}}
}

/** Whether a database is dropped at the end: the old one, or the one that was kept before it. */
function discards(claim: Claim, name: string, keep: boolean): boolean {
  return claim.database !== undefined && (!keep || standingFor(claim, name, 'kept').length > 0)
}

/**
 * DROP DATABASE asks for a checkpoint, which has all pages of the new database to write; begun now, it writes most of them
 * while the files are loaded. A role that may not ask for one leaves it to the DROP.
 */
function checkpointAhead(client: PostgresClient): void {
  client.query('checkpoint').catch(() => undefined)
}

/** Makes the database from the template, which is returned; one that has gone meanwhile is as if there had been none. */
async function make(creation: Creation, template: Template | undefined, logins: Logins): Promise<Template | undefined> {
  if (template !== undefined && (await copyDatabase(creation.client, template.name, creation.name))) return template
  creation.send()
  logins.begin()
  await creation.done
  return undefined
}

/**
 * The statement that makes the new database. It may be sent behind the one that gives the old one another name, in one
 * round trip: in a transaction that has failed the server runs nothing.
 */
class Creation {
  done: Promise<boolean> | undefined

  constructor(
    readonly client: PostgresClient,
    readonly name: string,
  ) {}

  send(): void {
    if (this.done !== undefined) return
    pipeline(this.client, true)
    this.done = createDatabase(this.client, this.name)
    // Where the old one keeps its name, that is the failure.
    this.done.catch(() => undefined)
  }
}

async function timed(step: SetupStep['step'], work: () => Promise<string>, signal: AbortSignal): Promise<SetupStep> {
  const start = performance.now()
  try {
    if (signal.aborted) throw new InterruptedError(signal.reason)
    const outcome = await work()
    if (signal.aborted) throw new InterruptedError(signal.reason)
    return {step, outcome, milliseconds: Math.round(performance.now() - start)}
  } catch (error) {
    if (error instanceof CruddurError) error.step = step
    throw error
  }
}

/** What {@link complete} takes. */
interface Completion {
  /** As the setup found it. */
  claim: Claim
  /** The database that was set aside. */
  old?: MarkedDatabase
  keep: boolean
}

/**
 * Lets go of the old database, in one transaction: this is the moment from which the new one counts. It is kept for
 * undo in the place of the one kept before, or dropped. A protection mark goes over to the new database.
 */
async function complete(client: PostgresClient, {claim, old, keep}: Completion, context: OperationContext): Promise<boolean> {
  const name = context.target.url.database
  const mark = {protected: old?.mark.protected}
  const changes: DatabaseChange[] = [{name, note: {text: '', mark}}]
  const discarded: string[] = []
  const letGo = (database: string): void => {
    changes.push({name: database, note: {text: '', mark: {state: 'discard', of: name}}})
    discarded.push(database)
  }

  if (old !== undefined && keep) {
    for (const earlier of standingFor(claim, name, 'kept')) letGo(earlier.name)
    const renameTo = freeName(name, 'undo', claim.names)
    changes.push({name: old.name, renameTo, note: {text: old.text, mark: {...old.mark, state: 'kept'}}})
  } else if (old !== undefined) letGo(old.name)

  await changeDatabases(client, changes)
  for (const database of discarded) await dropDatabase(client, database, {force: true})
  return old !== undefined && keep
}
