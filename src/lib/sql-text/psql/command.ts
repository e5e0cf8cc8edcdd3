import type {BufferPiece} from '../pieces.js'

/** What a psql command asks its reader for. `piece` is the command in the text. */
export type Command = {piece: BufferPiece} & Asked

export type Asked =
  /** Run a statement, and show its rows, as records for `\gx`; `to` is a file for them, or `|` and a program. */
  | {kind: 'send'; query: BufferPiece; records: boolean; to?: string | undefined}
  /** Show the columns of a statement, which is not run. */
  | {kind: 'gdesc'; query: BufferPiece}
  /** Run a statement again and again. */
  | {kind: 'watch'; query: BufferPiece; args: string[]}
  /** Run a statement, and keep its one row in variables whose names begin with the prefix. */
  | {kind: 'gset'; query: BufferPiece; prefix: string}
  /** Run a statement, and then each of its values as a statement. */
  | {kind: 'gexec'; query: BufferPiece}
  /** `relative` means relative to the including file (`\ir`); otherwise the working folder is tried first. */
  | {kind: 'include'; path: string; relative: boolean}
  /** Copy the rows of a file into a table, or without a path those that follow in the text. */
  | {kind: 'copy'; statement: string; path: string | undefined}
  /** Copy rows to a file, or without a path to stdout. */
  | {kind: 'copyOut'; statement: string; path: string | undefined}
  | {kind: 'print'; text: string; newline: boolean; to: 'output' | 'results' | 'errors'}
  /** Go on in another database. `unsure` means that the name, or whether the command is run, is not known. */
  | {kind: 'connect'; to: ConnectTo; unsure?: true}
  | {kind: 'encoding'; name: string}
  | {kind: 'quit'}
  /** A command that only shows something, or changes how results are shown. */
  | ({kind: 'display'} & Written)
  /** What a file may not do, but a shell may. `form` means that only the way it is written is not supported. */
  | ({kind: 'unsupported'; instead: string; form?: true} & Written)
  /** A command that is wrong as it stands. */
  | {kind: 'wrong'; message: string; next: string}

/** A command as it is written; `query` is the incomplete statement before it, or else the one before that. */
export interface Written {
  name: string
  args: string[]
  /** What follows the name on the line. */
  text: string
  query?: BufferPiece | undefined
}

/** Where `\connect` leads. What is undefined stays as it is. */
export interface ConnectTo {
  database?: string | undefined
  user?: string | undefined
  host?: string | undefined
  port?: string | undefined
}
