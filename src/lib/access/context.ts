import type {DatabaseContents} from '../postgres/catalog/catalog.js'
import type {Session} from '../postgres/catalog/session.js'
import type {ConnectOptions} from '../postgres/connect/client.js'
import type {Protection} from '../targets/protection.js'
import type {Target} from '../targets/target.js'
import type {Effect} from './effect.js'

/** Work that destroys or replaces data: on a protected target, or a SQL file's on tables that hold rows. */
export interface Risk {
  target: Target
  protection: Protection | 'rows'
  /** What the work will do. */
  effect: Effect
  /** What there is to lose; undefined where the database does not exist or cannot be asked. */
  contents?: DatabaseContents
  /** False where the database does not exist, undefined where nobody could be asked. */
  exists?: boolean
  /** The sessions that would be ended, where that is all. */
  sessions?: Session[]
}

/** What every operation on a database is given beside its own options. */
export interface OperationContext {
  target: Target
  /** Told in passing what a person would want to know; never a result. */
  progress: (remark: string) => void
  /** Told what a person must not miss although the operation goes on. */
  warn: (text: string) => void
  /** Aborts on Ctrl-C: the operation ends its session and rejects with InterruptedError. */
  signal: AbortSignal
  /** Asked before data of a protected target is destroyed; rejects with RefusedError unless it was confirmed. */
  authorize: (risk: Risk) => Promise<void>
  /** A connection that was begun before, to what the operation connects to first of all; it is given once. */
  early?: ConnectOptions['early']
  /** Set where the caller has locked the database and passed the guard already, as setup has for its steps. */
  locked?: Pick<ConnectOptions, 'early' | 'isLast'>
}
