import {randomBytes} from 'node:crypto'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import type {ServerDatabase, ServerDatabases} from '../postgres/catalog/server-databases.js'

/** The states of databases that stand for one of another name. */
export type OwnState = Extract<DatabaseMarker['state'], 'building' | 'kept' | 'replaced'>

/** A database that carries a marker of ours for another one, but is not provably ours, and why. */
export interface Unrecognized {
  name: string
  reason: string
}

const maxNameBytes = 63

/** What our names for each state end in. A kept one that is about to be dropped keeps its name. */
const suffixes: Record<OwnState, RegExp> = {
  building: /_new_[0-9a-f]{8}$/,
  kept: /_undo\d*$/,
  replaced: /_(?:old|undo)\d*$/,
}

/** A new name for a database that stands for `name`: derived from it, cut to what Postgres keeps, and not yet taken. */
export function freeName(name: string, suffix: 'undo' | 'old' | 'swap', taken: {has(name: string): boolean}): string {
  for (let number = 1; ; number += 1) {
    const candidate = withSuffix(name, `_${suffix}${number === 1 ? '' : number}`)
    if (!taken.has(candidate)) return candidate
  }
}

/** A name that nobody else can have chosen: what follows the statement that makes the database cannot meet another one. */
export function buildingName(name: string): string {
  return withSuffix(name, `_new_${randomBytes(4).toString('hex')}`)
}

/**
 * The databases that a setup of `name` has made or replaced, the newest first. A comment is written by its database's
 * owner, and anybody may own a database: so one counts only if its marker was written for its own number, its own name
 * and this server, the name is of our pattern, and its owner is the target's own, or the role that asks.
 */
export function ownDatabases(databases: ServerDatabases, name: string, state: OwnState): ServerDatabase[] {
  return standingFor(databases, name)
    .filter((database) => database.marker.state === state && doubtOf(database, databases, name) === undefined)
    .sort((a, b) => (String(a.marker.at) < String(b.marker.at) ? 1 : -1))
}

/** Those that carry a marker for `name`, or only have such a name, and are somebody's: they are named to people, and left alone. */
export function unrecognizedDatabases(databases: ServerDatabases, name: string): Unrecognized[] {
  return standingFor(databases, name).flatMap((database) => {
    const reason = doubtOf(database, databases, name)
    return reason === undefined ? [] : [{name: database.name, reason}]
  })
}

/** Whether the marker was written for this database as it is: under this name, with this number, on this server. */
export function isOwnMarker({name, oid, marker}: ServerDatabase, {server}: ServerDatabases): boolean {
  return marker.oid === oid && marker.name === name && server !== undefined && marker.server === server
}

function standingFor({byName}: ServerDatabases, name: string): ServerDatabase[] {
  return [...byName.values()].filter(
    (database) => database.name !== name && (database.marker.of === name || isNameFor(database.name, name, 'building')),
  )
}

function doubtOf(database: ServerDatabase, databases: ServerDatabases, name: string): string | undefined {
  const {
    marker: {state, name: marked},
    owner,
  } = database
  if (state === undefined || state === 'cache') return 'it has no marker of ours'
  if (marked !== undefined && marked !== database.name) return `it was called "${marked}"`
  if (!isOwnMarker(database, databases)) return 'its marker was written for another database'
  if (!isNameFor(database.name, name, state)) return 'its name is not one that setup gives'
  const trusted = [databases.role, databases.byName.get(name)?.owner]
  return trusted.includes(owner) ? undefined : `it belongs to the role "${owner}"`
}

function isNameFor(candidate: string, name: string, state: OwnState): boolean {
  const [suffix] = suffixes[state]?.exec(candidate) ?? []
  return suffix !== undefined && candidate === withSuffix(name, suffix)
}

function withSuffix(name: string, suffix: string): string {
  let cut = name
  while (Buffer.byteLength(cut) > maxNameBytes - suffix.length) cut = [...cut].slice(0, -1).join('')
  return cut + suffix
}
