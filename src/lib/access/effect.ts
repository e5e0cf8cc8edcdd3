import type {FilledTable} from '../postgres/catalog/filled-tables.js'
import type {ServerDatabases} from '../postgres/catalog/server-databases.js'

/** A table with the rows that it loses; null where they are not counted. */
export type LosingTable = Pick<FilledTable, 'name' | 'rows'>

/** An undo copy, as it is told of before it is swapped in. */
export interface UndoCopy {
  name: string
  /** When it was taken out of use, in ISO 8601. */
  at: string | undefined
}

/** What work on the target will do to it, once it is confirmed; it is data, for a caller to put into words. */
export type Effect =
  /** `discards` are the undo copies that are dropped along with it; null where they are not known. */
  | {kind: 'drop'; discards: string[] | null; force: boolean}
  /** A new database from these files takes the name; the old one is kept for undo, or dropped. */
  | {kind: 'setup'; files: string[]; keeps: boolean; discards: string[] | null; force: boolean}
  /** A new database from these files is made beside the target's, and removed again. */
  | {kind: 'dry-run'; files: string[]}
  /** Null where the undo copy is not known. */
  | {kind: 'undo'; back: UndoCopy | null; force: boolean}
  | {kind: 'discard'; discards: string[] | null}
  /** Null where the tables that the file drops or empties are not known. */
  | {kind: 'schema:load'; file: string; losing: LosingTable[] | null}
  | {kind: 'seed'; file: string}
  | {kind: 'sessions:kill'; count: number; cancel: boolean}
  /** A session that nothing holds back. */
  | {kind: 'connect'}
  | {kind: 'unprotect'}
  | {kind: 'activity:update' | 'activity:delete'; uuid: string}

/** What an {@link Effect} is made from; what could not be asked is left out. */
export interface Seen {
  databases?: ServerDatabases
  /** Asked for by {@link Work} alone. */
  filled?: FilledTable[]
}

/** Work that the guard has to know before it lets it go on. */
export interface Work {
  /** Whether the effect depends on which tables hold rows. */
  readsRows?: boolean
  effect: (seen: Seen) => Effect | Promise<Effect>
}
