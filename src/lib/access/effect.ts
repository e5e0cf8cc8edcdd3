import type {FilledTable} from '../postgres/catalog/filled-tables.js'
import type {ServerDatabases} from '../postgres/catalog/server-databases.js'
import type {PostgresClient} from '../postgres/connect/postgres-client.js'

/** A table with the number of its rows; null if that is not known. */
export type LosingTable = Pick<FilledTable, 'name' | 'rows'>

export interface UndoCopy {
  name: string
  /** When it was replaced, in ISO 8601. */
  at: string | undefined
}

/** What the work will do to the target once it is confirmed, as data that the caller puts into words. */
export type Effect =
  /** `discards` are the undo copies that are dropped too; null if they are not known. */
  | {kind: 'drop'; discards: string[] | null; force: boolean}
  /** A new database from these files replaces the old one, which is kept for undo or dropped. */
  | {kind: 'setup'; files: string[]; keeps: boolean; discards: string[] | null; force: boolean}
  /** A copy of a snapshot, or rows of a source, replace the database, which is kept or dropped as by setup. */
  | {
      kind: 'replace'
      from: {snapshot: string} | {source: string}
      keeps: boolean
      discards: string[] | null
      force: boolean
    }
  /** A new database is built from these files, and removed again. */
  | {kind: 'dry-run'; files: string[]}
  /** `back` is null if the undo copy is not known. */
  | {kind: 'undo'; back: UndoCopy | null; force: boolean}
  | {kind: 'discard'; discards: string[] | null}
  /** `losing` are the tables that the file drops or truncates; null if they are not known. */
  | {kind: 'schema:load'; file: string; losing: LosingTable[] | null}
  | {kind: 'seed'; file: string}
  /** `findings` is the number of things in the measured plan to look at; null if it could not be measured. */
  | {kind: 'migrate'; migrations: string[]; findings: number | null}
  /** `losing` are the tables that the migrations going back drop or truncate. */
  | {kind: 'migrate:down'; migrations: string[]; losing: LosingTable[]}
  /** Records migrations as applied without running them. */
  | {kind: 'migrate:adopt'; migrations: string[]}
  | {kind: 'sessions:kill'; count: number; cancel: boolean}
  /** A read-write session. */
  | {kind: 'connect'}
  | {kind: 'unprotect'}
  | {kind: 'activity:update' | 'activity:delete'; uuid: string}

/** What an {@link Effect} is computed from. A field is missing if the server did not answer. */
export interface Seen {
  databases?: ServerDatabases
  /** Only read if `readsRows` of {@link Work} is set. */
  filled?: FilledTable[]
}

/** Work that the guard must describe to the user before it is allowed. */
export interface Work {
  /** How long to wait for another command that uses the database, if not for 5 seconds. */
  waitMs?: number
  /**
   * Looks whether there is anything to do: before the database is locked, and again when it is. If there is not, nothing is
   * locked, and nothing needs to be confirmed.
   */
  isNeeded?: (client: PostgresClient) => Promise<boolean>
  /** Whether the effect depends on which tables hold rows. */
  readsRows?: boolean
  effect: (seen: Seen) => Effect | Promise<Effect>
}
