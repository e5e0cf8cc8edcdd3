import type {CruddurError, ExitCode} from '../errors.js'
import type {Origin, Target} from '../targets/target.js'

/** The version of the document. docs/json.md says which changes need a new one. */
export const schemaVersion = 'cruddur-db/1'

/** The database that was used, without its password. */
export interface TargetJson {
  name: string
  user: string
  host: string
  port: number
  database: string
  origin: Origin
}

/** Why the command failed. */
export interface ErrorJson {
  /** For programs to branch on: a word in snake_case, or a SQLSTATE. */
  code: string
  exit_code: Exclude<ExitCode, 0>
  /** One sentence. */
  message: string
  /** What to do next: one sentence or command in each line. */
  next: string[]
  /** The step that failed, for a command with several steps. */
  step?: string
  /** More facts; which ones depends on `code`. */
  details: Record<string, unknown>
}

/** The fields of every `--json` document, in addition to `result` or `error`. */
export interface DocumentFrame {
  schema: typeof schemaVersion
  /** Null if the arguments name no command. */
  command: string | null
  /** Null for commands without a database, and if the command failed before the target was known. */
  target: TargetJson | null
  /** What the user should know, although the command went on. */
  warnings: string[]
  /** Since the program started. */
  duration_ms: number
}

export type DocumentEnd = {result: unknown} | {error: ErrorJson}

export function targetJson({name, url, origin}: Target): TargetJson {
  const {host, port} = url.primary
  return {name, user: url.user, host, port, database: url.database, origin}
}

/** `advice` is all advice on the failure, if there is more than its own. */
export function errorJson(failure: CruddurError, advice: readonly string[] = failure.next): ErrorJson {
  const {code, exitCode, message, details, step} = failure
  return {code, exit_code: exitCode as ErrorJson['exit_code'], message, next: [...advice], step, details}
}
