import type {Facts} from './facts.js'
import type {Laboratory} from './laboratory.js'
import type {Renames} from './rows/lost-rows.js'
import type {RowsByTable} from './rows/read-rows.js'
import type {Statement, Step} from './statement.js'

/** A schema, as pg-delta reads it and as pg_dump writes it. */
export interface State {
  facts: Facts
  sql: string
}

/** Something that a proposal does not do, or that is not known of it. */
export interface Gap {
  /** A sentence. */
  message: string
  /** What to write: SQL, one line each. */
  sql: string[]
  /** Whether it is said above a statement already. */
  placed: boolean
  /** Whether rows would be lost. */
  losesRows?: boolean
}

export interface ProposalOptions {
  from: State & {rows: RowsByTable}
  to: State
  /** Works on copies of `from`. */
  laboratory: Laboratory
  /** Statements that come first: the renames that were chosen. */
  first: readonly Statement[]
  renames: Renames
  /** Tables that are made again, by {@link keyOf}. */
  rebuilt: ReadonlySet<string>
  /** Tables of which the order of the columns does not matter. */
  anyOrder: ReadonlySet<string>
  /** Whether statements are written as they are, though others wait for them. */
  plain: boolean
  /** Whether the database that is changed has rows that queries find, in their order; undefined where nobody knows. */
  findRows: (queries: readonly string[]) => Promise<(boolean | undefined)[]>
}

/** Statements that were tried, and what they do not do. */
export interface Proposal {
  steps: Step[]
  gaps: Gap[]
}
