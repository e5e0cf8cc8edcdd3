import type {Claim, MarkedDatabase} from '../postgres/claim.js'
import type {PostgresClient} from '../postgres/client.js'
import {changeDatabases, dropDatabase, freeName, heldOtherwise, refuseWhileInUse} from '../postgres/databases.js'
import type {DatabaseMark} from '../postgres/mark.js'
import type {OperationContext} from './context.js'

/** What {@link setAside} takes. */
export interface SetAsideOptions {
  /** Ends the sessions that are connected; without it they make it fail. */
  force: boolean
  /** Called when the new name is sent, and only then: what is sent behind it fails where it fails. */
  onSent?: () => void
}

/** The databases of `claim` that stand in that state for the one called `name`. */
export function standingFor(claim: Claim, name: string, state: DatabaseMark['state']): MarkedDatabase[] {
  return claim.marked.filter(({mark}) => mark.of === name && mark.state === state)
}

/** The note of a database that is in its own place again: only its protection stays. */
export function settled({text, mark}: MarkedDatabase): {text: string; mark: DatabaseMark} {
  return {text, mark: {protected: mark.protected}}
}

/** Whether a setup of the database called `name` was killed, so that {@link mend} has work to do. */
export function isUnfinished(claim: Claim, name: string): boolean {
  return (['aside', 'building', 'discard'] as const).some((state) => standingFor(claim, name, state).length > 0)
}

/**
 * Renames the target's database out of the way and notes on it whose place it holds, in one transaction: from then on
 * {@link mend} can bring it back, whatever happens to this process. Undefined where there is no such database.
 * @throws StateError (`database_in_use`, `database_held`)
 */
export async function setAside(client: PostgresClient, claim: Claim, {force, onSent}: SetAsideOptions, {target: {url}}: OperationContext): Promise<MarkedDatabase | undefined> {
  const {database, names, sessions} = claim
  if (database === undefined) return undefined
  const {name, text, mark, prepared, slots} = database
  if (prepared > 0 || slots > 0) throw heldOtherwise(name)
  if (!force && sessions > 0) await refuseWhileInUse(client, name)
  const renameTo = freeName(name, 'aside', names)
  const note = {text, mark: {...mark, state: 'aside', of: name, at: new Date().toISOString()} as const}
  await changeDatabases(client, [{name, renameTo, note}], {force: force ? url : undefined, onSent})
  return {...database, name: renameTo, ...note}
}

/**
 * Brings the database of the claim back to what it was before a setup that did not finish: the old one returns under
 * its name in one transaction, and only then what the setup had made is dropped.
 */
export async function mend(client: PostgresClient, claim: Claim, {target: {url}, progress}: OperationContext): Promise<void> {
  const name = url.database
  const discarded = standingFor(claim, name, 'discard').map((database) => database.name)
  const [aside] = standingFor(claim, name, 'aside')
  if (aside !== undefined) {
    const back = {name: aside.name, renameTo: name, note: settled(aside)}
    if (claim.database === undefined) await changeDatabases(client, [back], {force: url})
    else {
      const renameTo = freeName(name, 'discard', claim.names)
      const away = {name, renameTo, note: {text: '', mark: {state: 'discard', of: name} as const}}
      await changeDatabases(client, [away, back], {force: url})
      discarded.push(renameTo)
    }

    progress(`A setup of "${name}" did not finish: the database is as it was before.`)
  } else if (claim.database?.mark.state === 'building') {
    discarded.push(name)
    progress(`A setup of "${name}" did not finish: what it had made is removed.`)
  }

  for (const leftOver of discarded) await dropDatabase(client, leftOver, {force: true})
}
