import type {SqlSession} from '../postgres/wire/sql-session.js'
import type {PsqlVariables} from '../sql-text/psql/variables.js'
import type {Shown} from './describe.js'
import type {Display} from './printer.js'

/** What backslash commands can use. */
export interface CommandContext {
  session: SqlSession
  display: Display
  /** Prints a line on stdout. */
  print: (line: string) => void
  /** Prints a line on stdout, unless the shell is quiet. */
  report: (line: string) => void
  /** Prints a line on stderr. */
  remark: (line: string) => void
  show: (table: Shown) => Promise<void>
  variables: PsqlVariables
  /** Describes the connection in one line. */
  conninfo: () => string
  /** The incomplete statement, or else the one before. */
  query: string | undefined
  /** What psql writes of the last error with `\errverbose`; undefined if there was none. */
  lastError: () => string | undefined
  /** Makes results go to a file or `|` and a program, or to stdout again. */
  redirect: (to: string | undefined) => Promise<void>
  /** The base of paths. */
  folder: string
  env: NodeJS.ProcessEnv
  /** What only a terminal has; undefined in a script. */
  terminal: Terminal | undefined
}

export interface Terminal {
  /** Asks for a text that is not shown; undefined after Ctrl-C or Ctrl-D. */
  secret: (prompt: string) => Promise<string | undefined>
  /** Asks a question, and returns whether the answer is yes. */
  confirm: (question: string) => Promise<boolean>
  /** Puts a text into the next line, for the user to change. */
  offer: (text: string) => void
  /** The statements that were typed, oldest first. */
  history: () => string
}

export type CommandRunner = (args: string[], context: CommandContext, command: RunCommand) => Promise<void> | void

/** The parts of a name such as `dtS+`, and the rest of the line. */
export interface RunCommand {
  name: string
  /** With `+`: more columns. */
  more: boolean
  /** With `S`, or a pattern: system objects, too. */
  system: boolean
  text: string
}

export interface Entry {
  usage: string
  help: string
  run: CommandRunner
}
