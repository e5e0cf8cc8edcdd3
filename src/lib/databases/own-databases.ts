import {randomBytes} from 'node:crypto'
import type {DatabaseMarker} from '../postgres/catalog/marker.js'
import {isOwnMarker, type ServerDatabase, type ServerDatabases} from '../postgres/catalog/server-databases.js'
import {cutIdentifier, maxIdentifierBytes} from '../targets/identifier.js'

/** The states of databases that belong to a database with another name. */
export type OwnState = Extract<DatabaseMarker['state'], 'building' | 'kept' | 'replaced'>

/** A database that looks as if setup had created it, with the reason why that is not certain. */
export interface Unrecognized {
  name: string
  reason: string
}

/** How names end in each state. An undo copy keeps its name when it is about to be dropped. */
const suffixes: Record<OwnState, RegExp> = {
  building: /_new_[0-9a-f]{8}$/,
  kept: /_undo\d*$/,
  replaced: /_(?:old|undo)\d*$/,
}

/** Makes a free name from `name` and a suffix, cut to the length that Postgres allows. */
export function freeName(name: string, suffix: 'undo' | 'old' | 'swap', taken: {has(name: string): boolean}): string {
  for (let number = 1; ; number += 1) {
    const candidate = withSuffix(name, `_${suffix}${number === 1 ? '' : number}`)
    if (!taken.has(candidate)) return candidate
  }
}

/** Makes a random name, so that the statements after CREATE DATABASE cannot hit another database. */
export function buildingName(name: string): string {
  return withSuffix(name, `_new_${randomBytes(4).toString('hex')}`)
}

/**
 * The databases that a setup of `name` has created or replaced, newest first. Any owner of a database can write any
 * comment, so a marker counts only if it has the oid, name and server of its database, if the name has our form, and if
 * the owner is our role or the owner of `name`.
 */
export function ownDatabases(databases: ServerDatabases, name: string, state: OwnState): ServerDatabase[] {
  return standingFor(databases, name)
    .filter((database) => database.marker.state === state && doubtOf(database, databases, name) === undefined)
    .sort((a, b) => (String(a.marker.at) < String(b.marker.at) ? 1 : -1))
}

/** The databases that look as if they belonged to `name`, but are not recognized. They are reported and never touched. */
export function unrecognizedDatabases(databases: ServerDatabases, name: string): Unrecognized[] {
  return standingFor(databases, name).flatMap((database) => {
    const reason = doubtOf(database, databases, name)
    return reason === undefined ? [] : [{name: database.name, reason}]
  })
}

function standingFor({byName}: ServerDatabases, name: string): ServerDatabase[] {
  return [...byName.values()].filter(
    (database) =>
      database.name !== name &&
      database.marker.state !== 'snapshot' &&
      (database.marker.of === name || isNameFor(database.name, name, 'building')),
  )
}

function doubtOf(database: ServerDatabase, databases: ServerDatabases, name: string): string | undefined {
  const {
    marker: {state, name: marked},
    owner,
  } = database
  if (state === undefined || state === 'cache' || state === 'snapshot' || state === 'scratch')
    return 'it has no marker of cruddur-db'
  if (marked !== undefined && marked !== database.name) return `its marker names it "${marked}"`
  if (!isOwnMarker(database, databases)) return 'its marker was written for another database'
  if (!isNameFor(database.name, name, state)) return 'setup does not give such names'
  const trusted = [databases.role, databases.byName.get(name)?.owner]
  return trusted.includes(owner) ? undefined : `its owner is the role "${owner}"`
}

function isNameFor(candidate: string, name: string, state: OwnState): boolean {
  const [suffix] = suffixes[state]?.exec(candidate) ?? []
  return suffix !== undefined && candidate === withSuffix(name, suffix)
}

function withSuffix(name: string, suffix: string): string {
  return cutIdentifier(name, maxIdentifierBytes - suffix.length) + suffix
}
