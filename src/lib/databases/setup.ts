import {resolve} from 'node:path'
import type {OperationContext} from '../access/context.js'
import type {Work} from '../access/effect.js'
import {withLockedServer} from '../access/lock-target.js'
import {checkDump} from '../sql-files/dump-file.js'
import {refuseMigrations} from '../sql-files/migration-file.js'
import {refuseConnects} from '../sql-files/run-sql-file.js'
import {displayPath, findSchema, findSeed} from '../sql-files/sql-file.js'
import {foldersOfRepository} from '../targets/folders.js'
import {refuseServerDatabase} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import {requireLocal} from './local-only.js'
import {beginRun, build, fateOfOld, keepsOld, type SetupOptions, type SetupResult, type SetupRun} from './setup-run.js'
import {giveUp, removeTried, swapIn} from './swap.js'

/**
 * Builds a new database under another name and replaces the old one with it in one transaction, so that the old database
 * stays in use and unchanged until then, even if this process is killed. An error has the failed step in `step`.
 */
export async function setup(options: SetupOptions, context: OperationContext): Promise<SetupResult> {
  refuseServerDatabase(context.target)
  const {cwd, file, variables, isDump} = options
  if (isDump === true && file !== undefined) await checkDump(resolve(cwd, file))
  const folders = foldersOfRepository(cwd)
  const schema = findSchema(folders, file)
  const seed = file === undefined ? findSeed(folders) : undefined
  const hasSeed = seed !== undefined
  const {database} = context.target.url
  const inputs = [...schema.inputs, ...(seed?.inputs ?? [])]
  await refuseMigrations(inputs, cwd)
  await refuseConnects(inputs, {cwd, variables, isDump, database, signal: context.signal})
  const guarded = {work: setupWork(options, context.target)}
  // Ctrl-C must not end this session, because it removes the unfinished database.
  const locking = {guarded, onceStarted: true, onAbort: 'keep', isLast: true} as const
  return withLockedServer(locking, context, async (server) => {
    if (options.cache !== undefined) requireLocal(context.target, server.client, 'The cache is')
    const run = await beginRun(server, options, hasSeed)
    try {
      return await buildAndSwap(run)
    } catch (error) {
      await Promise.all(run.logins.map((login) => login.abandon()))
      if (run.begun !== undefined) await giveUp(server, run.begun)
      throw error
    }
  })
}

async function buildAndSwap(run: SetupRun): Promise<SetupResult> {
  const {server, options, old, attributes, reset, steps} = run
  const {target} = server.context
  const name = target.url.database
  const {cache, building} = await build(run)
  const done = {database: name, steps, cache}
  if (options.dryRun === true) {
    await removeTried(server, building)
    return {...done, kept: false, dryRun: true}
  }

  const before = attributes.get(name)
  const keep = keepsOld(options, target)
  const kept = await swapIn(server, {building, old, before, reset, keep, force: options.force === true})
  return {...done, kept, dryRun: false}
}

/**
 * Describes what {@link setup} will do, for the guard.
 * @throws ConfigurationError from `effect`, if there is no schema file
 */
export function setupWork(
  {cwd, file, dryRun, force = false, keep}: Pick<SetupOptions, 'cwd' | 'file' | 'dryRun' | 'force' | 'keep'>,
  target: Target,
): Work {
  return {
    effect({databases}) {
      const folders = foldersOfRepository(cwd)
      const found = [findSchema(folders, file), file === undefined ? findSeed(folders) : undefined]
      const files = found.flatMap((script) => (script === undefined ? [] : [displayPath(script.path, cwd)]))
      if (dryRun === true) return {kind: 'dry-run', files}
      return {kind: 'setup', files, ...fateOfOld(databases, {keep}, target), force}
    },
  }
}
