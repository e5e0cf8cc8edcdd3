import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedServer} from '../access/lock-target.js'
import {displayPath, findSchema, findSeed} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {refuseServerDatabase} from '../targets/protection.js'
import {localName, type Target} from '../targets/target.js'
import {refuseCacheElsewhere} from './cache.js'
import {ownDatabases} from './own-databases.js'
import {beginRun, build, keeps, type SetupOptions, type SetupResult, type SetupRun} from './setup-run.js'
import {giveUp, removeTried, swapIn} from './swap.js'

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
  const guarded = {work: setupWork(options, context.target)}
  // Ctrl-C must not end this session: it is the one that removes what was begun.
  const locking = {guarded, onceStarted: 'setup' as const, outlivesAbort: true, isLast: true}
  return withLockedServer(locking, context, async (server) => {
    if (options.cache !== undefined) refuseCacheElsewhere(context.target, server.client)
    const run = await beginRun(server, options, hasSeed)
    try {
      return await buildAndSwap(run)
    } catch (error) {
      for (const login of run.logins) login.abandon()
      if (run.begun !== undefined) await giveUp(server, run.begun)
      throw error
    }
  })
}

async function buildAndSwap(run: SetupRun): Promise<SetupResult> {
  const {server, options, old, attributes, reset, steps} = run
  const name = server.context.target.url.database
  const {cache, building} = await build(run)
  const done = {database: name, steps, cache}
  if (options.dryRun === true) {
    await removeTried(server, building)
    return {...done, kept: false, dryRun: true}
  }

  const before = attributes.get(name)
  const kept = await swapIn(server, {building, old, before, reset, keep: keeps(run), force: options.force === true})
  return {...done, kept, dryRun: false}
}

/**
 * What {@link setup} will do to the target.
 * @throws ConfigurationError when it is asked, if there is no schema file
 */
export function setupWork(
  {cwd, file, dryRun, force = false, keep = false}: Pick<SetupOptions, 'cwd' | 'file' | 'dryRun' | 'force' | 'keep'>,
  {name, url}: Target,
): Work {
  return {
    effect({databases}) {
      const folders = foldersOfRepository(cwd)
      const found = [findSchema(folders, file), file === undefined ? findSeed(folders) : undefined]
      const files = found.flatMap((script) => (script === undefined ? [] : [displayPath(script.path, cwd)]))
      if (dryRun === true) return {kind: 'dry-run', files}
      const keeps = keep && name === localName && (databases === undefined || databases.server !== undefined)
      const earlier =
        databases === undefined
          ? null
          : ownDatabases(databases, url.database, 'kept').filter(({marker}) => marker.protected === undefined)
      const discards = keeps ? earlier && earlier.map((database) => database.name) : []
      return {kind: 'setup', files, keeps, discards, force}
    },
  }
}
