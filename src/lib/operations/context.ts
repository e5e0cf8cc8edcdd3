import type {Target} from '../target/target.js'

/** What every operation on a database is given beside its own options. */
export interface OperationContext {
  target: Target
  /** Told in passing what a person would want to know; never a result. */
  progress: (remark: string) => void
  /** Aborts on Ctrl-C: the operation ends its session and rejects with InterruptedError. */
  signal: AbortSignal
}
