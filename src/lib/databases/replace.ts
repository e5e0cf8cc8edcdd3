import type {OperationContext} from '../access/context.js'
import type {Effect, Work} from '../access/effect.js'
import {type LockedServer, withLockedServer} from '../access/lock-target.js'
import {InterruptedError} from '../errors.js'
import type {ServerDatabases} from '../postgres/catalog/server-databases.js'
import type {Target} from '../targets/target.js'
import {readAttributes} from './attributes.js'
import type {Building, BuildingPlan} from './build.js'
import {requireLocal} from './local-only.js'
import {buildingName} from './own-databases.js'
import {fateOfOld, keepsOld} from './setup-run.js'
import {giveUp, requireReplaceable, swapIn} from './swap.js'

export interface ReplaceOptions {
  /** Ends connected sessions instead of failing. */
  force?: boolean
  /** Keeps the database that is replaced for undo. */
  keep?: boolean
}

/** What comes in place of a local database: begins the sentence that refuses other targets, and says it for the guard. */
export interface Replacement {
  what: string
  /** As data, before anything is changed. @throws StateError if it is not there */
  effect: (databases: ServerDatabases | undefined) => Extract<Effect, {kind: 'replace'}>['from']
}

/** Describes what {@link replaceLocal} will do, for the guard. */
export function replaceWork({effect}: Replacement, {force = false, keep}: ReplaceOptions, target: Target): Work {
  return {
    effect: ({databases}) => ({
      ...{kind: 'replace', from: effect(databases), force},
      ...fateOfOld(databases, {keep}, target),
    }),
  }
}

/**
 * Has a new database built beside the local one, which then replaces it in one transaction, as setup does: until then the
 * old one is in use and unchanged, and what is unfinished is removed by the next command. Returns what `build` says of it.
 * @throws UsageError (`local_only`), StateError (`database_in_use`), RefusedError (`not_confirmed`)
 */
export async function replaceLocal<T>(
  replacement: Replacement,
  options: ReplaceOptions,
  context: OperationContext,
  build: (server: LockedServer, plan: BuildingPlan) => Promise<{building: Building; made: T}>,
): Promise<{made: T; kept: boolean}> {
  const {target, signal, warn} = context
  const {database} = target.url
  const force = options.force === true
  const guarded = {work: replaceWork(replacement, options, target)}
  // Ctrl-C must not end this session, because it removes the unfinished database.
  const locking = {guarded, onceStarted: true, onAbort: 'keep', isLast: true} as const
  return withLockedServer(locking, context, async (server) => {
    const {client, databases} = server
    requireLocal(target, client, replacement.what)
    const old = databases.byName.get(database)
    const attributes =
      old === undefined || old.plain ? new Map<string, never>() : await readAttributes(client, [database, 'template1'])
    const plan = {of: database, name: buildingName(database), databases, attributes, warn}
    await requireReplaceable(server, old, force)
    try {
      const {building, made} = await build(server, plan)
      if (signal.aborted) throw new InterruptedError(signal.reason)
      const before = attributes.get(database)
      const keep = keepsOld(options, target)
      return {made, kept: await swapIn(server, {building, old, before, reset: new Set(), keep, force})}
    } catch (error) {
      await giveUp(server, plan.name)
      throw error
    }
  })
}
