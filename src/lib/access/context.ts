import type {DatabaseContents} from '../postgres/catalog/catalog.js'
import type {Session} from '../postgres/catalog/session.js'
import type {ConnectOptions} from '../postgres/connect/client.js'
import type {Protection} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import type {Effect} from './effect.js'

/** Work that must be confirmed: it destroys data of a protected target, or of tables that hold rows. */
export interface Risk {
  target: Target
  protection: Protection | 'rows'
  /** What the work will do. */
  effect: Effect
  /** What would be lost; undefined if the database does not exist or cannot be read. */
  contents?: DatabaseContents
  /** False if the database does not exist; undefined if that is not known. */
  exists?: boolean
  /** The sessions that would be ended, if the work does only that. */
  sessions?: Session[]
}

/** Marks a warning on which there is advice. */
export type WarningCode = 'undo_copy_protected'

/** What every operation on a database gets in addition to its options. */
export interface OperationContext {
  target: Target
  /** Prints a status line; never a result. */
  progress: (remark: string) => void
  /** Prints a warning; the operation goes on. */
  warn: (text: string, code?: WarningCode) => void
  /** Aborts on Ctrl-C: the operation ends its session and rejects with InterruptedError. */
  signal: AbortSignal
  /** Called before data of a protected target is destroyed. Rejects with RefusedError unless it is confirmed. */
  authorize: (risk: Risk) => Promise<void>
  /** A connection that was started earlier, to the database that the operation connects to first. It can be taken once. */
  preconnection?: ConnectOptions['preconnection']
  /** Set if the caller has already locked the database and passed the guard, as setup does for its steps. */
  locked?: Pick<ConnectOptions, 'preconnection' | 'isLast'>
}
