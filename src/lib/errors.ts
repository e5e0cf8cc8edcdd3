/** The exit codes. Scripts branch on them, so a number never changes its meaning. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  configuration: 3,
  connection: 4,
  state: 5,
  sql: 6,
  refused: 7,
  aws: 8,
  check: 9,
  missingProgram: 127,
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What every error of this package has in addition to its message. */
export interface ErrorOptions {
  /** For callers to branch on, in snake_case: `variable_missing`, `database_in_use`, … */
  code: string
  /** What the user can do next: one sentence or command in each line. */
  next?: string[] | undefined
  /** More facts for `--json`; never a secret. */
  details?: Record<string, unknown> | undefined
  cause?: unknown
}

/**
 * The base of all errors that are not bugs. `message` says what happened and contains no secret; `next` says what to do.
 * Callers branch on `code`, or on `exitCode` for the kind of failure, never on `message`.
 */
export abstract class CruddurError extends Error {
  abstract readonly exitCode: ExitCode
  readonly code: string
  readonly next: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
  /** The step that failed, for a command with several steps. */
  step?: string

  constructor(message: string, options: ErrorOptions) {
    super(message, options.cause === undefined ? undefined : {cause: options.cause})
    this.name = new.target.name
    this.code = options.code
    this.next = options.next ?? []
    this.details = options.details ?? {}
  }
}

/** An unknown flag, command or argument. Exit 2. */
export class UsageError extends CruddurError {
  readonly exitCode = exitCodes.usage
}

/**
 * The input of the data layer is invalid, or names a row that does not exist. `code` is the code of the first problem,
 * `codes` has all of them. Exit 2.
 */
export class InputError extends CruddurError {
  readonly exitCode = exitCodes.usage

  /** The codes of all problems, in the order of the fields. */
  get codes(): readonly string[] {
    return this.details['codes'] as string[]
  }

  constructor(complaints: readonly [InputComplaint, ...InputComplaint[]], cause?: unknown) {
    super(complaints.map(({message}) => message).join(' '), {
      code: complaints[0].code,
      details: {codes: complaints.map(({code}) => code)},
      cause,
    })
  }
}

/** One problem of an input: a code to branch on, and a sentence for people. */
export interface InputComplaint {
  code: string
  message: string
}

/** A variable is missing or malformed, or a file is missing or cannot be read. Exit 3. */
export class ConfigurationError extends CruddurError {
  readonly exitCode = exitCodes.configuration
}

/** The connection failed: DNS, timeout, refused, TLS or authentication. Exit 4. */
export class ConnectionError extends CruddurError {
  readonly exitCode = exitCodes.connection
}

/** The state of the server does not allow it: sessions are connected, a database is missing, another command is running. Exit 5. */
export class StateError extends CruddurError {
  readonly exitCode = exitCodes.state
}

/** A SQL statement failed; `code` is its SQLSTATE. Exit 6. */
export class SqlError extends CruddurError {
  readonly exitCode = exitCodes.sql
}

/** The target is protected and the command was not confirmed, or the database must never be dropped. Exit 7. */
export class RefusedError extends CruddurError {
  readonly exitCode = exitCodes.refused
}

/** AWS refused or failed. Exit 8. */
export class AwsError extends CruddurError {
  readonly exitCode = exitCodes.aws
}

/** A check found a difference or a failing layer. Exit 9. */
export class CheckError extends CruddurError {
  readonly exitCode = exitCodes.check
}

/** A program is not installed. Exit 127, as in a shell. */
export class MissingProgramError extends CruddurError {
  readonly exitCode = exitCodes.missingProgram
}

/** The user or the system stopped the command. Exit 130. */
export class InterruptedError extends CruddurError {
  readonly exitCode = exitCodes.interrupted

  constructor(cause?: unknown) {
    super('Interrupted.', {code: 'interrupted', cause})
  }
}

/** The `code` of an error of Node or Postgres, if it has one. Branch on this, not on the message. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** The same error with other advice and facts. */
export function errorWith(
  {constructor, message: text, code, cause}: CruddurError,
  {message = text, ...more}: Pick<ErrorOptions, 'next' | 'details'> & {message?: string},
): CruddurError {
  const Same = constructor as new (message: string, options: ErrorOptions) => CruddurError
  return new Same(message, {code, cause, ...more})
}
