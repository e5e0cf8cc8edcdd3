/**
 * The exit codes: scripts and `.gitpod.yml` tasks branch on them, so a number never changes its meaning.
 */
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

/** One of the numbers of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What every error of this package carries beside its message. */
export interface ErrorOptions {
  /** What to branch on, in snake_case: `variable_missing`, `database_in_use`, … */
  code: string
  /** What the user can do next, commands where there are any; one sentence or command each. */
  next?: string[] | undefined
  /** Further facts for `--json`; never a secret. */
  details?: Record<string, unknown> | undefined
  cause?: unknown
}

/**
 * The base of every error that a user can cause. `message` is one sentence without a secret; `next` is the way out.
 * Callers branch on `code` (or on `exitCode` for the class of failure), never on `message`.
 */
export abstract class CruddurError extends Error {
  abstract readonly exitCode: ExitCode
  readonly code: string
  readonly next: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
  /** The step of a longer command in which it happened. */
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
 * What the data layer was given cannot be stored, or names nothing that is there. `code` is the first complaint, `codes`
 * are all of them. Exit 2.
 */
export class InputError extends CruddurError {
  readonly exitCode = exitCodes.usage

  /** Every complaint, in the order of the fields. */
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

/** One thing that is wrong with an input: what to branch on, and a sentence for a person. */
export interface InputComplaint {
  code: string
  message: string
}

/** A variable missing or malformed, a file missing or unreadable. Exit 3. */
export class ConfigurationError extends CruddurError {
  readonly exitCode = exitCodes.configuration
}

/** The server cannot be reached or does not let us in: DNS, timeout, refused, TLS, authentication. Exit 4. */
export class ConnectionError extends CruddurError {
  readonly exitCode = exitCodes.connection
}

/** The server's state forbids it: sessions are connected, database missing, already in progress. Exit 5. */
export class StateError extends CruddurError {
  readonly exitCode = exitCodes.state
}

/** The server refused a statement; `code` is its SQLSTATE. Exit 6. */
export class SqlError extends CruddurError {
  readonly exitCode = exitCodes.sql
}

/** The target is protected and was not confirmed, or may never be dropped. Exit 7. */
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

/** A program that was asked for is not installed. Exit 127, as a shell has it. */
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

/** `code` of a Node or Postgres error, if it has one: what to branch on instead of the message. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
