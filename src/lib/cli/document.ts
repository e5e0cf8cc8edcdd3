import type {CruddurError, ExitCode} from '../errors.js'
import type {Origin, Target} from '../targets/target.js'
import {typeable} from './hints.js'

/** The version of the document; docs/json.md says what changes it. */
export const schemaVersion = 'cruddur-db/1'

/** The database that was used; never its password. */
export interface TargetJson {
  name: string
  user: string
  host: string
  port: number
  database: string
  origin: Origin
}

/** Why it failed. */
export interface ErrorJson {
  /** What to branch on: a word in snake_case, or a SQLSTATE. */
  code: string
  exit_code: Exclude<ExitCode, 0>
  /** One sentence. */
  message: string
  /** What to do next, a sentence or command each. */
  next: string[]
  /** The step of a longer command in which it happened. */
  step?: string
  /** Further facts, by `code`. */
  details: Record<string, unknown>
}

/** What every document of `--json` has; beside it is either `result` or `error`. */
export interface DocumentFrame {
  schema: typeof schemaVersion
  /** Null where the arguments name no command. */
  command: string | null
  /** Null for commands without a database, and where it failed before one was found. */
  target: TargetJson | null
  /** What the user should know although it went on. */
  warnings: string[]
  /** From the program's start. */
  duration_ms: number
}

/** How a run ended. */
export type Ending = {result: unknown} | {error: ErrorJson}

/** The target as the document gives it. */
export function targetJson({name, url, origin}: Target): TargetJson {
  const {host, port} = url.primary
  return {name, user: url.user, host, port, database: url.database, origin}
}

/** The failure as the document gives it. */
export function errorJson({code, exitCode, message, next, details, step}: CruddurError, target?: string): ErrorJson {
  return {
    code,
    exit_code: exitCode as ErrorJson['exit_code'],
    message,
    next: next.map((line) => typeable(line, target)),
    step,
    details,
  }
}
